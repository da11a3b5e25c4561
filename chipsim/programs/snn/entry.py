"""Spiking networks, as everybody else knows them."""

from __future__ import annotations

from chipsim.programs.base import Program

SNN = Program(
    name="snn", about="a spiking network: leaky integrate-and-fire neurons that work in steps", unit="spike", progress="steps"
)
