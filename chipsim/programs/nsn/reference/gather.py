"""Taking the core memories out of a run, component by component in global ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chipsim.plan.plan import Plan
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.image import Memory
from chipsim.programs.nsn.keepers import chain_of
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.state import (
    EPISODES,
    PAIRS,
    RECEIVED,
    RESIDUALS,
    RING,
    SCALARS,
    START,
    SUBSTITUTION,
    SUBSTITUTIONS,
    TAIL,
    Root,
)


def gather_memory(plan: Plan, cores: Mapping[int, Core], roots: Sequence[Root]) -> Memory:
    """The image that the cores leave."""
    own: NsnPlan = plan.own
    neurons, pairs, k = [], [], []
    used, keys, axons = (np.zeros(own.constants.cores, np.int64) for _ in range(3))
    used[: len(plan.used_bits)] = plan.used_bits
    for number, m in sorted(cores.items()):
        ledger = m.ledgers[0]
        used[number], keys[number], axons[number] = ledger.used, ledger.keys, ledger.axons
        for slot, one in enumerate(m.neurons):
            if one.k:
                neurons.append((number, slot, one.layer, one.ordinal, one.activations, one.first, m.last[slot]))
                pairs += [(pair.id, pair.cls) for pair in m.pairs[slot * PAIRS : slot * PAIRS + one.k]]
                k.append(one.k)
    items, record, substitution = [], [], []
    for layer, r in enumerate(roots):
        scalar = r.scalar
        if layer != own.constants.layers + 1 and layer < own.constants.numbers:
            for number in range(scalar[START], scalar[RECEIVED]):
                i = number % RING
                rings = (r.item_id, r.item_address, r.item_time, r.item_flags, r.item_needed, r.item_start)
                items.append((layer, *(ring[i] for ring in rings)))
            words = r.substitution[: scalar[SUBSTITUTIONS] * SUBSTITUTION]
            substitution += [(layer, *words[at : at + SUBSTITUTION]) for at in range(0, len(words), SUBSTITUTION)]
    kept, record_keeper = [], own.constants.layers + 1
    before = {number: m.kept[0].before - 1 for number, m in cores.items()}
    for number in chain_of(own.constants.root_core[record_keeper], roots[record_keeper].scalar[TAIL], before) if roots else []:
        entries = cores[number].records[: cores[number].kept[0].entries] if number in cores else []
        kept.append((number, len(entries)))
        record += [(one.id, one.word, one.flags) for one in entries]
    gaps = own.constants.gaps
    keeper = roots[gaps] if gaps >= 0 else None
    residual = keeper.residual[: keeper.scalar[RESIDUALS]] if keeper else []
    ends = keeper.residual_end[: keeper.scalar[EPISODES]] if keeper else []
    return Memory(
        neuron=np.array(neurons, np.int64).reshape(-1, 7),
        pair_start=np.concatenate([[0], np.cumsum(k)]).astype(np.int64),
        pair=np.array(pairs, np.int64).reshape(-1, 2),
        role=np.array([r.scalar for r in roots], np.int64).reshape(-1, SCALARS),
        item=np.array(items, np.int64).reshape(-1, 7),
        residual=np.array(residual, np.int64),
        residual_end=np.array(ends, np.int64),
        record=np.array(record, np.int64).reshape(-1, 3),
        keepers=np.array(kept, np.int64).reshape(-1, 2),
        used_bits=used,
        key_count=keys,
        axon_count=axons,
        substitution=np.array(substitution, np.int64).reshape(-1, 6),
        shape=np.array([own.constants.layers, own.constants.networks], np.int64),
    )
