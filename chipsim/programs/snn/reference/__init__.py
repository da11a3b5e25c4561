"""Spiking networks on the reference engine."""

from chipsim.programs.snn.reference.steps import Steps

__all__ = ["Steps"]
