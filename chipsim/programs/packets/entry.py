"""Packets, as everybody else knows them."""

from __future__ import annotations

from chipsim.programs.base import Program

PACKETS = Program(
    name="packets", about="packets at given times, or by a rule: the network-on-chip alone", unit="packet", progress="packets"
)
