"""Packets: cores that run nothing of their own take in what they are sent, at given times or by a rule."""

NAME = "packets"
"""Name of the program."""
