"""Memories of neurosemantic cores as records: what fits, how they are laid out, and how they get from one form to another."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.reference.run import Run
from chipsim.errors import MappingError, WorkloadError
from chipsim.jit.records import fields_of, row_dtype, values_of
from chipsim.machine.actions import ACTIONS
from chipsim.network.memory import USE_BITS
from chipsim.network.rules import MAX_PAIRS
from chipsim.programs.nsn import core as records
from chipsim.programs.nsn.banks import Banks
from chipsim.programs.nsn.core import MATCH, Core
from chipsim.programs.nsn.keyed import PRIME, SPREAD, STEP, key_hash
from chipsim.programs.nsn.match import placement_score
from chipsim.programs.nsn.saved import from_cores, from_words, to_core, to_words
from chipsim.programs.nsn.sizes import MOST, MOST_LAYERS, core_bytes, refuse_large
from chipsim.programs.nsn.state import PAIRS, USE_MOST
from tests.scenarios import lower, small

LIMITS = {
    "cores": MOST, "numbers": MOST_LAYERS, "rows": MOST, "axons": MOST, "lists": MOST, "members": MOST, "keys": MOST,
}  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Any:
    return lower(small("workload.learned=60", "workload.symbols=60"))[2]


@pytest.mark.parametrize("name", LIMITS)
def test_what_a_field_cannot_hold_is_refused_by_name(plan: Any, name: str) -> None:
    K = plan.own.constants
    refuse_large(K._replace(**{name: LIMITS[name]}), 0, 0, 0)
    with pytest.raises(MappingError, match=rf"^{LIMITS[name] + 1} .*; at most {LIMITS[name]} have room"):
        refuse_large(K._replace(**{name: LIMITS[name] + 1}), 0, 0, 0)


@pytest.mark.parametrize(("ordinals", "activations", "what"), [(5, 0, "neurons of a layer"), (0, 5, "activations of a neuron")])
def test_what_the_input_can_add_is_counted(plan: Any, ordinals: int, activations: int, what: str) -> None:
    K = plan.own.constants
    refuse_large(K, ordinals, activations, MOST - 5)
    with pytest.raises(MappingError, match=rf"^{MOST + 1} {what}"):
        refuse_large(K, ordinals, activations, MOST - 4)


def test_accesses_are_counted_up_to_what_their_bits_hold(plan: Any) -> None:
    axon = SimpleNamespace(use=USE_MOST - 1)
    for expected in (USE_MOST, USE_MOST):
        placement_score(plan.own.constants, cast("Any", None), 0, 1, cast("Any", axon), 1, 1, [0] * ACTIONS)
        assert axon.use == expected == 2**USE_BITS - 1


def test_probes_and_positions_share_a_word() -> None:
    """A position has its own three bits of a tag, and what has matched of a vector its own four of a neuron's state."""
    assert PAIRS == MAX_PAIRS == 8 and MATCH == 2 * PAIRS
    state, tag = MATCH * 5 + PAIRS, 5 * PAIRS + PAIRS - 1
    assert divmod(state, MATCH) == (5, PAIRS) and divmod(tag, PAIRS) == (5, PAIRS - 1)
    assert (MOST * PAIRS * MATCH) < 2**62  # probes of as many items as there may be


def test_hashes_of_keys_stay_within_words() -> None:
    """Whatever is hashed: no step leaves 63 bits, the result has 31."""
    assert (PRIME - 1) * STEP + PRIME < 2**63 and PRIME * SPREAD < 2**63
    large = 2**63 - 1
    for words in ((0, -1, 0, 0), (254, 2**52, 254 << 40 | MOST, large), (254, large - 1, large, large)):
        assert 0 <= key_hash(*words) <= PRIME == 2**31 - 1


def test_there_is_room_for_the_largest_chip(plan: Any) -> None:
    refuse_large(plan.own.constants._replace(cores=4_400_000, layers=8), 10**9, 10**9, 10**9)


@pytest.mark.parametrize(
    ("name", "size"), [("Ledger", 64), ("Neuron", 32), ("Axon", 64), ("Holder", 16), ("Wait", 64), ("Key", 48)]
)
def test_what_an_event_touches_lies_in_a_cache_line(name: str, size: int) -> None:
    assert row_dtype(getattr(records, name)).itemsize == size


def test_memories_survive_every_form(plan: Any) -> None:
    """The reference engine's cores after a run, as tables, as a snapshot's words, and back."""
    run = Run(plan, Watch())
    run.run()
    K, cores = plan.own.constants, [run.program.cores[number] for number in sorted(run.program.cores)]
    tables = from_cores(K, cores)
    again = from_words(K, to_words(tables))
    assert all((table == again[name]).all() for name, table in tables.items())
    for i, core in enumerate(cores):
        made = to_core(again, i)
        for name, field in fields_of(Core).items():
            old, new = getattr(core, name), getattr(made, name)
            if field.kind is not None:
                old, new = [values_of(row) for row in old], [values_of(row) for row in new]
            assert old[: len(new)] == new and not any(map(any, map(flat, old[len(new) :])))


def test_a_snapshot_of_other_memories_is_refused(plan: Any) -> None:
    words = to_words(from_cores(plan.own.constants, []))
    assert from_words(plan.own.constants, words)["axons"].shape[0] == 0
    with pytest.raises(WorkloadError, match="another version of chipsim"):
        from_words(plan.own.constants, words[:, :-1])


def flat(values: Any) -> list[int]:
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def test_more_banks_hold_what_the_old_ones_held(plan: Any) -> None:
    K = plan.own.constants
    banks = Banks(K, 3)
    rng = np.random.default_rng(1)
    for name in banks.sizes:
        table = banks.table(name)
        if table.size:
            table.view(np.uint8).reshape(-1)[rng.integers(table.nbytes, size=50)] = 1
    before = {name: banks.table(name).copy() for name in banks.sizes}
    banks.grow(7)
    for name, table in before.items():
        now = banks.table(name)
        assert (now[:3] == table).all() and not now[3:].view(np.uint8).any()


def test_a_bank_that_nobody_opened_takes_no_memory(plan: Any) -> None:
    """Of 4,000 banks on one page: what the process holds grows by less than a byte in a hundred."""
    K = plan.own.constants
    before = resident()
    banks = Banks(K, 4000)
    banks.open(1, 5)
    assert banks.ledger("number", 2).tolist() == [0, 5]
    assert resident() - before < 4000 * core_bytes(K) / 100


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def test_banks_that_run_out_are_made_more(plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import chipsim.programs.nsn.host as host_module

    expected = run_compiled(plan)
    monkeypatch.setattr(host_module, "banks_for", lambda K, holders: holders)
    assert run_compiled(plan).digest == expected.digest


def test_rows_that_a_spike_goes_through_lie_one_behind_the_other(plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine lays them out so when it loads a network; who follows whom is what the reference engine has."""
    import chipsim.programs.nsn.host as host_module

    found: dict[int, Core] = {}
    opened = host_module.NsnHost.open

    def watched(host: host_module.NsnHost) -> None:
        opened(host)
        tables = {name: host.cores.table(name) for name in host.cores.sizes}
        numbers = host.cores.ledger("number", host.own.banks).tolist()
        found.update({number: to_core(tables, bank) for bank, number in enumerate(numbers)})

    monkeypatch.setattr(host_module.NsnHost, "open", watched)
    run_compiled(plan)
    cores = Run(plan, Watch()).program.cores
    assert found.keys() == cores.keys()
    for number, core in found.items():
        assert chains(core) == chains(cores[number])
        walked = [i for axon in core.axons for first in axon.first for i in chain(core, first)]
        assert walked == list(range(1, core.ledgers[0].rows + 1))
    assert sum(core.ledgers[0].rows for core in found.values()) > 50


def chains(core: Core) -> list[list[tuple[int, int]]]:
    taken = core.axons[: core.ledgers[0].axons]
    return [
        [(core.rows[i - 1].slot, core.rows[i - 1].cls) for i in chain(core, first)] for axon in taken for first in axon.first
    ]


def chain(core: Core, i: int) -> list[int]:
    return [i, *chain(core, core.rows[i - 1].next)] if i else []
