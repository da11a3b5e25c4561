"""Spiking networks: neurons, how they are lowered, which cores their spikes reach."""

NAME = "snn"
"""Name of the program."""
