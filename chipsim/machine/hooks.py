"""Hooks of which a program has no use: they do nothing."""

from __future__ import annotations

from chipsim.machine.state import NEVER, RUNNING, Machine


def offer(m: Machine) -> int:
    """Nothing is offered."""
    m.offer_at = NEVER
    return RUNNING


def step(m: Machine) -> int:
    """Nothing begins with a step."""
    return RUNNING


def begin(m: Machine, endpoint: int, packet: int) -> int:
    """A message is taken at once."""
    return 0


def release(m: Machine, endpoint: int) -> int:
    """Nothing leaves when an operation ends."""
    return RUNNING


def work(m: Machine, endpoint: int) -> int:
    """There is no other side."""
    return RUNNING


def side(m: Machine, endpoint: int) -> None:
    """Nor does an operation of it end."""


def answered(m: Machine, endpoint: int, source: int) -> None:
    """Nobody waits for a packet to be delivered."""


def held(m: Machine, packet: int, more: int) -> None:
    """What a packet carries is in its row."""
