"""What a run says of each layer: how many pairs its vectors have, what it covered, how far it narrowed its input, what that took.

Rows IN6, CX7, CX10 to CX12 and NG8 of the requirements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.machine.actions import A_MESSAGE, A_SENT, A_SYNOP, STATISTIC, TABLE
from chipsim.network import NsnState
from chipsim.network.nsn_input import Ints
from chipsim.network.rules import MAX_PAIRS
from chipsim.programs.nsn.state import DECIDED_BY, RIVALS
from chipsim.programs.nsn.wta import LEVELS

J_PER_PJ = 1e-12

SEVERAL = ("1", "2", "3-4", "5-8", "9+")
"""How many candidates there were."""


def pairs_of_layers(state: NsnState) -> list[list[int]]:
    """Per layer 0..L how many of its stored neurons have 1, 2, .. 8 pairs."""
    k = np.diff(state.pair_start)
    return [np.bincount(k[state.layer == layer], minlength=MAX_PAIRS + 1)[1:].tolist() for layer in range(state.layers + 1)]


def narrowing(covers: Ints, recognised: Ints) -> dict[str, float | None]:
    """How a layer narrowed what it read.

    Args:
        covers: int64[segments], items of each segment that it decided.
        recognised: bool[segments], where a stored neuron won.

    Returns:
        ``covered``: c, the share of its items that stored neurons covered; ``narrowing``: segments over items, D_l / D_(l-1);
        ``narrowing_by_cover``: 1 - c (1 - 1/k), k the mean of items that a winner covered, which is what is left where nothing but
        winners takes items together; new neurons are the difference. None where nothing was read or recognised.
    """
    items = int(covers.sum())
    if not items:
        return {"covered": None, "narrowing": None, "narrowing_by_cover": None}
    taken, winners = int(covers[recognised].sum()), int(recognised.sum())
    share = taken / items
    return {
        "covered": share,
        "narrowing": len(covers) / items,
        "narrowing_by_cover": 1 - share * (1 - winners / taken) if taken else None,
    }


def spent_of_layers(chip: ChipSpec, spent: Ints) -> list[dict[str, Any]]:
    """What operations on messages about each layer 0..L counted, and the joules of cores, slot servers and routers' tables.

    Args:
        chip: its prices.
        spent: as in ``NsnRun``.
    """
    return [
        {
            "messages": int(one[:, A_MESSAGE].sum()),
            "synaptic_ops": int(one[:, A_SYNOP].sum()),
            "core_joules": joules(chip, one.sum(axis=0).tolist()),
        }
        for one in spent[:-1]
    ]


def choices_summary(role: Ints) -> dict[str, dict[str, int]]:
    """Segments that stored neurons won on the chip: among how many candidates, and which level of the key decided between several.

    Args:
        role: as in ``Memory``.
    """
    rivals, levels = (role[:-1, first : first + 5].sum(axis=0).tolist() for first in (RIVALS, DECIDED_BY))
    return {"candidates": dict(zip(SEVERAL, rivals, strict=True)), "decided_by": dict(zip(LEVELS, levels, strict=True))}


def growth_summary(chip: ChipSpec, spent: Ints, created: int, bits: int) -> dict[str, Any] | None:
    """What it takes to grow a neuron, on average of those grown in the run; None where none was.

    Args:
        chip: its prices.
        spent: as in ``NsnRun``.
        created: neurons grown.
        bits: by which the memory in use became more.
    """
    if not created:
        return None
    one = spent[:, 1].sum(axis=0)
    return {
        "neurons": created,
        "messages": float(one[A_MESSAGE] / created),
        "sent": float(one[A_SENT] / created),
        "bytes": bits / 8 / created,
        "core_joules": joules(chip, one.tolist()) / created,
    }


def joules(chip: ChipSpec, counts: Sequence[int]) -> float:
    """Joules of counted actions; those without a price cost nothing, or did not happen.

    Args:
        chip: its prices.
        counts: by number of the action.
    """
    prices = [(a.number, getattr(chip.energy, a.price).value) for a in TABLE if a.share != STATISTIC]
    return sum(counts[number] * float(price or 0.0) for number, price in prices) * J_PER_PJ
