"""Points that follow from sizes and prices alone: ids, vectors, cores and watts of 10^6 and 10^9 neurons, distances on a mesh."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.config.load import load_chip
from chipsim.network import memory
from chipsim.network.rules import MAX_EPISODE
from chipsim.network.spiking import LONGEST_DELAY
from chipsim.noc import Mesh
from chipsim.noc.hops import hops

KIB = 8 * 1024
CORES = {10**6: 1_954, 10**9: 1_953_125}


@pytest.mark.parametrize(("neurons", "watts"), [(10**6, 3.908), (10**9, 3_906.25)])
def test_cores_and_watts_of_the_claim(neurons: int, watts: float) -> None:
    """Cores of 512 neurons at 2 mW each, as ``chipsim scale`` and the first lines of a run count them."""
    chip = load_chip("altai-256")
    assert (chip.core.neurons, chip.power.budget_per_core.value) == (512, 2.0)
    assert -(-neurons // chip.core.neurons) == CORES[neurons]
    assert CORES[neurons] * 2e-3 == pytest.approx(watts, rel=1e-12)


@pytest.mark.parametrize(("neurons", "address"), [(10**6, 11 + 9), (10**9, 21 + 9)])
def test_bits_of_ids_and_vectors(neurons: int, address: int) -> None:
    """An address is core and slot; a vector of 8 pairs of address and interval, and the layer of each, fits a core of 32 KiB 512 times."""
    w = memory.widths_of(CORES[neurons], 512)
    assert w.address == address and w.interval == 12 and 2**w.interval == MAX_EPISODE
    assert 8 * (w.address + w.interval) == {10**6: 256, 10**9: 336}[neurons]
    assert 512 * 8 * (w.address + w.interval) == {10**6: 16, 10**9: 21}[neurons] * KIB
    # what a core is charged has 4 bits of layer in each id, the own id, k, and the history of the neuron
    assert memory.neuron_bits(w, 8) == 8 * (w.address + 4 + 12) + (w.address + 4) + 4 + 24 + 2 * 32
    assert 512 * memory.neuron_bits(w, 8) < 32 * KIB


def test_neurons_that_a_core_of_512_axons_holds_at_worst() -> None:
    """With 8 inputs of their own each; memory alone would hold eight times as many."""
    chip = load_chip("altai-256", ["core.axons=512"])
    assert chip.core.axons == 512
    worst = chip.core.axons // 8
    assert worst == 64 and worst / chip.core.neurons == 0.125
    assert -(-(10**6) // worst) * 2e-3 == pytest.approx(31.25) and -(-(10**9) // worst) * 2e-3 == pytest.approx(31_250)


def test_gaps_beyond_what_chips_delay_are_stored_and_not_waited_for() -> None:
    """An interval of an episode may be 4,095 units; a spiking core delays a spike by 63 steps, TrueNorth by 15, which takes 273 of them."""
    assert MAX_EPISODE - 1 == 4_095 == 273 * 15
    assert LONGEST_DELAY == 63 < MAX_EPISODE


@pytest.mark.parametrize("side", [2, 5, 45])
def test_mean_distance_on_a_mesh(side: int) -> None:
    """Uniform random: (n^2 - 1) / 3n per axis; 30 hops on 45 x 45, 932 on 1,398 x 1,398."""
    mesh = Mesh(side, side)
    tile = np.arange(mesh.tiles)
    across = along = 0
    for source in tile.tolist():
        x, y = hops(mesh, None, np.full(mesh.tiles, source), tile)
        across, along = across + int(x.sum()), along + int(y.sum())
    per_axis = (side**2 - 1) / (3 * side)
    assert across / mesh.tiles**2 == along / mesh.tiles**2 == pytest.approx(per_axis, rel=1e-12)
    assert round(2 * (45**2 - 1) / (3 * 45)) == 30 and round(2 * (1_398**2 - 1) / (3 * 1_398)) == 932
