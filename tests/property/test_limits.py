"""Partitioners within hard limits on random networks that are known to fit, and the counts of kernels against plain recounts."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.check.limits import Use, check_limits, count_use
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition import edge_cut, legalise, multilevel
from nsn_mapping.partition.pins import as_nets, empty_parts
from nsn_mapping.partition.streaming import stream
from tests.limited_graphs import Case, planted_case

Words = npt.NDArray[np.int32]
KINDS = ("neurons", "axons exact", "axons slack", "all")


def from_bad(case: Case, seed: int) -> Words:
    """Local search from vertices dealt out like cards."""
    start = (np.arange(len(case.h)) % case.parts).astype(np.int32)
    return multilevel.partition(case.h, case.caps, case.parts, seed, start=start)


METHODS: dict[str, Callable[[Case, int], Words]] = {
    "multilevel": lambda case, seed: multilevel.partition(case.h, case.caps, case.parts, seed),
    "multilevel from a start": from_bad,
    "streaming": lambda case, seed: stream(case.h, case.caps, case.parts, seed),
    "restreaming": lambda case, seed: stream(case.h, case.caps, case.parts, seed, passes=3),
    "edge_cut": lambda case, seed: edge_cut.partition(case.h, case.caps, case.parts, seed),
}


@st.composite
def cases(draw: st.DrawFn, most: int = 300) -> tuple[Case, str]:
    """Up to 300 neurons on cores that are full, or 99.7 % full, and the kind of limits."""
    parts = draw(st.integers(1, 12))
    neurons = draw(st.integers(1, max(1, min(40, most // parts))))
    kind = draw(st.sampled_from(KINDS))
    slots = parts * neurons
    case = planted_case(
        seed=draw(st.integers(0, 2**32 - 1)),
        parts=parts,
        neurons=neurons,
        free=draw(st.sampled_from((0, slots - max(1, int(0.997 * slots))))),
        slack={"neurons": None, "axons exact": 0}.get(kind, draw(st.integers(0, 5))),
        forwarding=kind == "all",
        own_share=draw(st.sampled_from((0.5, 0.8, 0.95, 1.0))),
    )
    return case, kind


def run_all(case: Case, kind: str, met: Counter[tuple[str, str]]) -> None:
    """All methods on one network; counts those that met the limits."""
    for name, method in METHODS.items():
        try:
            part = method(case, 1)
        except MappingError as error:
            assert kind != "neurons", f"{name} gave up though only neurons are limited: {error}"
            assert "core " in str(error) and "allowed" in str(error), error
            continue
        assert part.dtype == np.int32
        check_limits(case.h, case.caps, part, case.parts)
        met[name, kind] += 1
    met["cases", kind] += 1


def report(met: Counter[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """Share of networks on which each method met limits that can be met, by kind of limit."""
    return {kind: {name: met[name, kind] / max(1, met["cases", kind]) for name in METHODS} for kind in KINDS}


def test_limits_are_kept() -> None:
    met: Counter[tuple[str, str]] = Counter()

    @given(cases())
    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def run(drawn: tuple[Case, str]) -> None:
        run_all(*drawn, met)

    run()
    shares = report(met)
    for kind in KINDS:
        assert met["cases", kind] > 10
        for name in ("multilevel", "multilevel from a start"):
            assert shares[kind][name] >= 0.9, shares


@pytest.mark.slow
def test_limits_are_kept_on_ten_thousand_networks() -> None:
    met: Counter[tuple[str, str]] = Counter()

    @given(cases())
    @settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
    def run(drawn: tuple[Case, str]) -> None:
        run_all(*drawn, met)

    run()
    shares = report(met)
    for kind in KINDS:
        for name in ("multilevel", "multilevel from a start"):
            assert shares[kind][name] >= 0.99, shares
    print(sum(met["cases", kind] for kind in KINDS), shares)  # noqa: T201


def packets(h: Hypergraph, part: Words) -> int:
    """The definition, with sets."""
    total = 0
    for e in range(h.edges):
        reached = {int(part[v]) for v in h.pins[h.pin_start[e] : h.pin_start[e + 1]]}
        if h.source[e] >= 0:
            reached.discard(int(part[h.source[e]]))
        total += int(h.weight[e]) * len(reached)
    return total


def takes(use: Use) -> dict[str, list[int]]:
    """Use by the name of the limit."""
    return {name: getattr(use, name).tolist() for name in ("neurons", "axons", "bits", "entries")}


def broken_further(before: Use, after: Use, caps: Caps) -> list[str]:
    """Limits that a part breaks by more than it did."""
    old, new = takes(before), takes(after)
    return [
        f"part {p}: {name} {used} after {old[name][p]}, allowed {getattr(caps, name)}"
        for name, column in new.items()
        for p, used in enumerate(column)
        if used > max(getattr(caps, name), old[name][p])
    ]


@given(drawn=cases(most=60), data=st.data())
@settings(max_examples=30, deadline=None)
def test_counts_gains_and_moves_equal_a_recount(drawn: tuple[Case, str], data: st.DataObject) -> None:
    case, _ = drawn
    h, caps, parts = case.h, case.caps, case.parts
    kernels = jit.load("nsn_mapping.partition.pins", entries=("count", "gain_of", "best_move", "move", "fits"))
    nets = as_nets(h, caps)
    state = empty_parts(nets, caps, parts)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    label = rng.integers(0, parts, len(h)).astype(np.int32) if rng.random() < 0.5 else case.planted.copy()
    cost = kernels.count(nets, state, label)
    assert cost == packets(h, label)
    for _ in range(12):
        v = int(rng.integers(len(h)))
        target = int(rng.integers(parts))
        if kernels.best_move(nets, state, v):
            gain, target = int(state.found[0]), int(state.found[1])
            assert target != label[v] and kernels.fits(nets, state, v, target)
            assert gain == kernels.gain_of(nets, state, v, target)
            connected = reached_from(h, v, label) - {int(label[v])}
            room = [p for p in connected if kernels.fits(nets, state, v, p)]
            assert gain == max(kernels.gain_of(nets, state, v, p) for p in room) and target in room
        elif target == label[v]:
            continue
        before = count_use(h, caps, label, parts)
        gain, fits = int(kernels.gain_of(nets, state, v, target)), bool(kernels.fits(nets, state, v, target))
        kernels.move(nets, state, v, target)
        label[v] = target
        assert packets(h, label) == cost - gain
        cost -= gain
        after = count_use(h, caps, label, parts)
        held = {"neurons": state.held, "axons": state.axons, "bits": state.bits, "entries": state.entries}
        assert {name: column.tolist() for name, column in held.items()} == takes(after)
        assert state.part.tolist() == label.tolist()
        if fits:
            assert not broken_further(before, after, caps)


def reached_from(h: Hypergraph, v: int, label: Words) -> set[int]:
    """Parts that a vertex is connected with: of what reads the same nets, of their sources, and of what reads its own nets.

    A net with a reader nearly everywhere is no connection by itself, and counted as one here: the most that can be found.
    """
    found: set[int] = set()
    for e in h.nets[h.net_start[v] : h.net_start[v + 1]]:
        found |= set(label[h.pins[h.pin_start[e] : h.pin_start[e + 1]]].tolist())
        if h.source[e] >= 0:
            found.add(int(label[h.source[e]]))
    for e in h.own[h.own_start[v] : h.own_start[v + 1]]:
        found |= set(label[h.pins[h.pin_start[e] : h.pin_start[e + 1]]].tolist())
    return found


def plain(module: str, entries: tuple[str, ...]) -> ModuleType:
    """Kernels as Python runs them."""
    del entries
    return importlib.import_module(module)


@given(cases(most=40))
@settings(max_examples=12, deadline=None)
def test_compiled_and_interpreted_agree(drawn: tuple[Case, str]) -> None:
    case, _ = drawn
    for name in ("multilevel from a start", "edge_cut"):
        found = []
        for load in (jit.load, plain):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(jit, "load", load)
                patch.setattr(legalise, "_MOST", 640)
                try:
                    found.append(METHODS[name](case, 1).tolist())
                except MappingError as error:
                    found.append(str(error))
        assert found[0] == found[1], name


@pytest.mark.parametrize("seed", range(3))
def test_exchanges_compiled_and_interpreted_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Legalisation of random parts, with every kind of limit."""
    monkeypatch.setattr(legalise, "_MOST", 2_000)
    case = planted_case(seed, parts=4, neurons=9, free=seed, slack=1, forwarding=seed < 2)
    nets, found = as_nets(case.h, case.caps), []
    for load in (jit.load, plain):
        state = empty_parts(nets, case.caps, case.parts)
        label = np.random.default_rng(seed).integers(0, case.parts, len(case.h)).astype(np.int32)
        jit.load("nsn_mapping.partition.pins", entries=("count",)).count(nets, state, label)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jit, "load", load)
            met = legalise.legalise(nets, state, seed)
        assert met == (not broken(count_use(case.h, case.caps, state.part, case.parts), case.caps))
        found.append((met, state.part.tolist(), state.axons.tolist(), state.entries.tolist(), state.bits.tolist()))
    assert found[0] == found[1]
    assert found[0][1] != label.tolist()


def broken(use: Use, caps: Caps) -> list[str]:
    """Resources of which some part holds too much."""
    return [name for name, column in takes(use).items() if max(column) > getattr(caps, name)]
