"""Listeners and the roots of recursive networks have cores, in mappings that are made and in files of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from chipsim.results.store import write_mapping
from nsn_mapping.place.listeners import with_listeners
from tests.engines import lower
from tests.needs import needs
from tests.scenarios import small

MESH = Mesh(3, 2, 1)


def mapping(*roots: int) -> Mapping:
    nobody = np.zeros(0, np.int32)
    return Mapping(nobody, nobody, np.array(roots, np.int32), np.arange(6, dtype=np.int32), "by hand")


def test_a_listener_is_near_what_it_hears_on_a_core_without_a_role() -> None:
    every = np.arange(6, dtype=np.int32)
    placed = with_listeners(mapping(0, 1), (0, 1, 1), MESH, every)
    assert placed.roots.tolist() == [0, 1, 3, 4, 2]  # of cores as near the one that growth comes to last
    assert with_listeners(mapping(0, 1), (), MESH, every).roots.tolist() == [0, 1]
    dead = np.array([0, 1, 2], np.int32)
    assert with_listeners(mapping(0, 1), (0, 0, 0), MESH, dead).roots.tolist() == [0, 1, 2, 0, 0]


@needs("nsn")
def test_a_mapping_file_has_cores_for_as_many_roles(tmp_path: Path) -> None:
    settings = ("workload.recursive=2", "chip.core.neurons=16")
    heard = small(*settings, "workload.listeners=3")
    _, made, plan = lower(heard)
    assert len(made.roots) == plan.own.constants.numbers + 3 == 5 + 6 + 3
    file = tmp_path / "mapping.npz"
    write_mapping(file, made, heard)
    again = lower(small(*settings, "workload.listeners=3", f"mapping.file={file}"))[2]
    assert again.own.constants == plan.own.constants
    with pytest.raises(MappingError, match=r"roots has shape \(14,\), allowed is \(11,\)"):
        lower(small(*settings, f"mapping.file={file}"))
