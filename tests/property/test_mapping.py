"""Any small network: a mapping that keeps every limit, or a refusal; the same for every partitioner and placer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.config.mapping import PLACERS
from chipsim.errors import MappingError
from chipsim.network import NsnState
from chipsim.network.memory import widths_of
from chipsim.noc import Mesh
from nsn_mapping import MATCHES, CoreLimits, map_network, utilisation
from nsn_mapping.limits import Match
from nsn_mapping.methods import stored_methods
from tests.strategies import layered_states

LIMITS = st.builds(CoreLimits, st.integers(1, 40), st.none() | st.integers(1, 60), st.integers(1_000, 40_000))
MESHES = st.builds(Mesh, st.integers(1, 9), st.integers(1, 9), st.integers(1, 2))


@pytest.mark.parametrize("partitioner", sorted(stored_methods()))
@given(
    placer=st.sampled_from(sorted(PLACERS.names())),
    state=layered_states(),
    mesh=MESHES,
    limits=LIMITS,
    match=st.sampled_from(MATCHES),
    seed=st.integers(0, 2**40),
    fill=st.sampled_from((1.0, 0.9, 0.5)),
)
@settings(max_examples=80, deadline=None)
def test_limits_are_kept_or_the_network_is_refused(
    partitioner: str, placer: str, state: NsnState, mesh: Mesh, limits: CoreLimits, match: Match, seed: int, fill: float
) -> None:
    widths = widths_of(mesh.cores, limits.neurons)
    try:
        mapping = map_network(state, mesh, limits, widths, match, partitioner, placer, seed, fill)
    except MappingError as error:
        assert "mapping" in str(error) and ";" in str(error)
        assert len(state) > 0
        return
    # map_network has passed its own checker; what follows is counted here once more, with plain sets.
    places = set(zip(mapping.core.tolist(), mapping.slot.tolist(), strict=True))
    assert len(places) == len(state)
    held: dict[int, set[tuple[int, int]]] = {}
    for row in np.flatnonzero(state.layer >= 1).tolist():
        axons = held.setdefault(int(mapping.core[row]), set())
        axons |= {(int(state.layer[row]), int(x)) for x in state.pair_id[state.pair_start[row] : state.pair_start[row + 1]]}
    if match == "associative" and limits.axons is not None:
        assert all(len(axons) <= limits.axons for axons in held.values())
    use = utilisation(state, mapping, mesh, limits, widths, match)
    assert use.neurons.max(initial=0) <= max(1, int(limits.neurons * fill))
    assert use.bits.max(initial=0) <= limits.memory_bits * fill or not len(state)
    assert use.tree_hops_per_reading <= use.unicast_hops_per_reading + 1e-9
    again = map_network(state, mesh, limits, widths, match, partitioner, placer, seed, fill)
    assert np.array_equal(again.core, mapping.core) and np.array_equal(again.roots, mapping.roots)


@given(state=layered_states(), mesh=MESHES)
@settings(max_examples=40, deadline=None)
def test_what_surely_fits_is_never_refused(state: NsnState, mesh: Mesh) -> None:
    limits = CoreLimits(256, None, 10**6)
    for partitioner in stored_methods():
        mapping = map_network(state, mesh, limits, widths_of(mesh.cores, 256), "associative", partitioner, "hilbert", 1, 1.0)
        assert len(mapping.core) == len(state)
