"""Spiking networks: neurons, how they are lowered, which cores their spikes reach.

This is what spiking cores do on every engine, beside what ``chipsim.machine`` says of any chip.

With ``barrier`` steps are told by a barrier, a component; *go* for the first step comes at ``sync``, for each next step at
(last completion or delivery of the step) + ``sync``: when no output side is at work and every spike sent has been taken in.

What a step does to a neuron is its model's (``neurons``).

**Spiking cores** (``sides``) have two sides, each a serial server: the input side with the inbox, which begins as soon as it has a message
on every pace, and the output side, which a step wakes. With ``tick`` step k begins at (k - 1) x period, with ``barrier`` at *go*; a step
acts at the beginning of compute, before any operation of the instant. The output side works through the core's neurons in order of
position: one operation (kind ``SOMA``) updates neurons up to and including the next that fires, and the next operation begins when it ends,
in compute. A step is done when the last neuron is, also if it fired: a step in which nothing fires is one operation. A neuron that fires is
recorded at the operation's start + time of its counted accesses, updates and the spike; its messages, one per destination core in ascending
order (or one for the tree), then leave one after the other, each one ``spike_out`` time after the one before, the last at the end of the
operation (at its start, where all these times are 0). They are counted, numbered and recorded when the operation starts, and join the queue
of their core's way into the router in that order. A neuron without synapses fires and sends nothing. A core that is still at a step when
the next tick comes begins the next one in the deliver phase in which it is done (a late tick, counted); one that has not begun a step when
the tick after its own comes stops the run. A spike that comes when its step has begun at the target core is late, is counted once per
message when it is taken in, and acts in the next step to begin or is dropped, as the chip says. The run ends when the last step's work is
done; with ``tick`` it covers whole periods. What is counted before a step acts belongs to the step before (``SnnRun.steps``).
"""

NAME = "snn"
"""Name of the program."""
