"""Packets: cores that run nothing of their own take in what they are sent, at given times or by a rule.

Packets are sent by cores at given times, in the order given, in the deliver phase after all releases; a core takes each in
as one operation of one message, as soon as it is idle, on every pace. Absorbed traffic (``Plan.sinks``) costs the core nothing. With a *window*
of n a source has at most n packets on the way: those that are due beyond that wait, in their order, and each delivery of one of its packets
releases the next, one ``flit_time`` later (an answer that takes nothing else): a closed loop. A packet is sent, and numbered, when it is
released; at one time what a delivery has released goes before what is due, which has room if fewer than n are on the way or released by then.
"""

NAME = "packets"
"""Name of the program."""
