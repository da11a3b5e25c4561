"""The neurosemantic network, as everybody else knows it."""

from __future__ import annotations

from chipsim.programs.base import Program

NSN = Program(
    name="nsn", about="a neurosemantic network: it identifies events, stores them and grows", unit="event", progress="events"
)
