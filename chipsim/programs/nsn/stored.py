"""What a neurosemantic network stores, and whether that gives its input back; sizes beside those of a compressor."""

from __future__ import annotations

import lzma
from typing import Any

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.ids import LAYER_SHIFT
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.histogram import S_PER_PS
from chipsim.network import NsnState, Stimulus, longest_interval, memory
from chipsim.network.nsn_input import Ints, LeafItems, NsnInput, Slept
from chipsim.programs.nsn.by_layer import joules, narrowing, pairs_of_layers
from chipsim.programs.nsn.functional import network_digest
from chipsim.programs.nsn.image import stored_network
from chipsim.programs.nsn.messages import FOR_SLEEP
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import DEEPEST, ROUNDS


def stored_summary(chip: ChipSpec, given: NsnInput, state: NsnState, layers: list[dict[str, Any]]) -> dict[str, Any]:
    """What is stored and whether it gives the input back, exactly; sizes beside xz of the same input."""
    stimulus = given.stimulus
    bits = stored_bits(chip, given, state)
    covered = sum(r.complete for r in state.records)
    expected = _items_of_episodes(stimulus, [r.replayable for r in state.records if r.complete])
    exact = given.replay(state, given.rules) == expected if expected else None  # nothing to replay: no answer
    xz_bits = 8 * len(lzma.compress(_as_text(stimulus).encode(), preset=9 | lzma.PRESET_EXTREME)) if len(stimulus) else 0
    read = {"input": dict(stimulus.reading)} if stimulus.reading else {}
    return read | {
        "layers": layers,
        "stored_elements": state.elements(),
        "stored_residuals": len(state.residuals),
        "stored_bits": bits,
        "stored_bits_per_symbol": bits * max(1, len(stimulus.fields)) / len(expected) if expected else None,
        "xz_bits_per_symbol": xz_bits / stimulus.events if stimulus.events else None,
        "unstored": int(state.unstored[: state.layers + 1].sum()),
        "episodes": covered,
        "replayable": sum(r.replayable for r in state.records),
        "replay_exact": exact,
        "network_digest": f"{network_digest(state):032x}",
    }


def stored_bits(chip: ChipSpec, given: NsnInput, state: NsnState) -> int:
    """Bits of vectors, records, residuals and substitutions."""
    w = _widths(chip, given)
    pairs = int(np.diff(state.pair_start)[(state.layer > 0) & (state.layer <= state.layers)].sum())
    pair_bits = memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0)
    symbols = int((state.layer == 0).sum())
    kept = sum(len(r.top) for r in state.records)
    bits = pairs * pair_bits + symbols * w.id + len(state.residuals) * memory.residual_bits(w) + kept * memory.record_bits(w)
    bits += len(state.records) * (memory.first_record_bits(w) - memory.record_bits(w))
    ids = int((state.substitutions[:, 4] >= 0).sum())
    return bits + memory.substitutions_bits(w, len(state.substitutions) - ids, ids)


def sleep_summary(chip: ChipSpec, given: NsnInput, before: NsnState, slept: Slept) -> dict[str, Any]:
    """What a sleep in software made of a network; it takes no chip time and no energy.

    At its peak the old network is there, the new one, and the counters of a pass.
    """
    counters = slept.digrams * memory.digram_bits(_widths(chip, given))
    return {
        "elements_before": slept.elements_before,
        "elements_after": slept.elements_after,
        "joules": None,
        "seconds": None,
        "peak_bits": stored_bits(chip, given, before) + stored_bits(chip, given, slept.state) + counters,
    }


def sleep_on_chip(chip: ChipSpec, given: NsnInput, own: NsnRun) -> dict[str, Any]:
    """What a sleep on the chip made of the network, what cores, slot servers and routers' tables spent on it, and how long it took.

    At its peak every core had at most so many bits in use; the sum of these is told.
    """
    begin, end, peak, _, before = own.slept.tolist()
    return {
        "elements_before": before,
        "elements_after": stored_network(own.memory).elements(),
        "messages": int(own.spent[:, FOR_SLEEP, A_MESSAGE].sum()),
        "joules": joules(chip, own.spent[:, FOR_SLEEP].sum(axis=0).tolist()),
        "seconds": (end - begin) * S_PER_PS,
        "peak_bits": peak,
    }


def _widths(chip: ChipSpec, given: NsnInput) -> memory.Widths:
    return memory.widths_of(
        chip.noc.cores, chip.core.neurons, longest_interval(given.rules, given.stimulus), given.rules.numbers
    )


def _items_of_episodes(stimulus: Stimulus, wanted: list[bool]) -> LeafItems:
    """(code, time) of the items of the first episodes, those not wanted left out."""
    ends = (np.flatnonzero(stimulus.flags & 2) + 1).tolist()
    code, at, start = stimulus.code.tolist(), stimulus.time.tolist(), 0
    items: LeafItems = []
    for take, end in zip(wanted, ends, strict=False):
        if take:
            items += zip(code[start:end], at[start:end], strict=True)
        start = end
    return items


def _as_text(stimulus: Stimulus) -> str:
    """The input as a text of its own, for compressors: characters, or one line per event with time and fields."""
    if not stimulus.fields:
        return "".join(map(chr, stimulus.code.tolist()))
    parts = [stimulus.label(c) for c in stimulus.code.tolist()]
    width = len(stimulus.fields)
    times = stimulus.time[::width].tolist()
    return "".join(f"{t} {' '.join(parts[i * width : (i + 1) * width])}\n" for i, t in enumerate(times))


def layers_summary(state: NsnState, winners: Ints, own: NsnRun | None) -> list[dict[str, Any]]:
    """Per layer 0..L what was read, recognised, created and passed up in this run, and what is stored.

    Args:
        state: the stored network at the end.
        winners: int64[rows, 4] decisions of the run: layer, id, cover, new.
        own: the run, None where only the golden model ran.
    """
    neurons, mean_k = _stored_layers(state)
    pairs = pairs_of_layers(state)
    rows = []
    for layer in range(state.layers + 1):
        mine = winners[winners[:, 0] == layer]
        ours = (mine[:, 1] >> LAYER_SHIFT) == layer
        new = mine[:, 3].astype(bool)
        rows.append(
            {
                "layer": layer,
                "inputs": int(mine[:, 2].sum()),
                "segments": len(mine),
                "recognised": int((ours & ~new).sum()),
                "created": int((ours & new).sum()),
                "leftover": int((~ours & ~new).sum()),
                "unstored": int(state.unstored[layer]),
                "neurons": neurons[layer],
                "mean_k": mean_k[layer],
                "k": pairs[layer],
                **narrowing(mine[:, 2], ours & ~new),
                "rounds": int(own.memory.role[layer, ROUNDS]) if own else None,
                "deepest_buffer": int(own.memory.role[layer, DEEPEST]) if own else None,
            }
        )
    return rows


def _stored_layers(state: NsnState) -> tuple[list[int], list[float]]:
    """Neurons and mean number of pairs per layer 0..L."""
    k = np.diff(state.pair_start)
    neurons = state.neurons_per_layer()
    pairs = np.bincount(state.layer, weights=k, minlength=state.numbers)
    return neurons.tolist(), [float(p / n) if n else 0.0 for p, n in zip(pairs, neurons, strict=True)]
