"""Vectors that sum, on real texts and a real log: the chip decides, stores and tells of its choices what the golden model does (NSN §11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.config.load import load_experiment
from chipsim.programs.nsn.by_layer import choices_summary
from chipsim.programs.nsn.functional import functional_digest
from tests.needs import needs
from tests.scenarios import Outcome, golden, run

pytestmark = needs("nsn")

TEXTS = ("en_tinyshakespeare", "en_eltec_carroll_1865", "ru_tolstoy_war_and_peace_1")
SUM = ("workload.recognise.mode=sum", "chip.core.memory=1 MiB", "workload.rate=saturate")


def equal(outcome: Outcome) -> None:
    """Digest, substitutions, choices, and the input back."""
    given = outcome.prepared.given
    model = golden(given.stimulus, given.rules, given.first_item)
    state = model.state()
    assert outcome.functional == functional_digest(model.decision_digest(), state)
    assert outcome.state.substitutions.tolist() == state.substitutions.tolist() != []
    found = choices_summary(outcome.raw.own.memory.role)
    assert found == {name: model.choices[name] for name in found}
    items = given.replay(outcome.state, given.rules)
    whole = sum(record.complete for record in state.records)
    assert whole > 1 and items is not None and [code for code, _ in items] == given.stimulus.code[: len(items)].tolist()


def read(shared: Path, name: str, symbols: int, engine: str, *more: str) -> Outcome:
    path = shared / f"data/text/{name}.txt"
    if not path.exists():
        pytest.skip(f"no {path.name} in ../shared/data/text")
    return run(load_experiment("text", [f"workload.path={path}", f"workload.symbols={symbols}", *SUM, *more]), engine)


@pytest.mark.parametrize("name", TEXTS)
def test_twenty_thousand_characters_from_nothing(shared: Path, name: str) -> None:
    outcome = read(shared, name, 20_000, "compiled", "workload.learned=0")
    equal(outcome)
    told = choices_summary(outcome.raw.own.memory.role)["decided_by"]
    assert told["residual"] > 100 and told["response"] > 100


@pytest.mark.parametrize("name", TEXTS)
def test_two_thousand_characters_on_the_reference_engine(shared: Path, name: str) -> None:
    equal(read(shared, name, 2_000, "reference", "workload.learned=0", "workload.episode=256"))


@pytest.mark.parametrize("wta", ["tree", "inhibition"])
@pytest.mark.parametrize("policy", ["follow", "load", "locality", "axons"])
def test_so_behind_learned_characters_for_other_casts_arities_and_policies(shared: Path, wta: str, policy: str) -> None:
    """In the middle of an episode, whose occurrences go on to be counted."""
    arity, cast = {"follow": (2, "unicast"), "load": (3, "multicast"), "locality": (8, "unicast"), "axons": (4, "multicast")}[
        policy
    ]
    more = (f"workload.wta={wta}", f"mapping.growth.policy={policy}", f"workload.wta_arity={arity}", f"chip.noc.cast={cast}")
    half = ("workload.recognise.threshold=0.5", "workload.learned=12345")
    equal(read(shared, TEXTS[0], 3_000, "compiled", *more, *half))


@pytest.mark.parametrize("wta", ["tree", "inhibition"])
@pytest.mark.parametrize("tolerance", [1, 2])
def test_a_log_whose_gaps_are_of_other_classes(shared: Path, tolerance: int, wta: str) -> None:
    """Logarithmic classes; fields stay exact."""
    path = shared / "data/auth/loghub_OpenSSH_2k.log"
    recognise = f"{{mode: sum, threshold: 0.75, tolerance: {tolerance}}}"
    only = "fields: [user, source], only: {event: [accepted, failed]}, symbols: null, layers: 4, rate: saturate"
    workload = f"workload={{kind: log, format: sshd, path: {path}, {only}, recognise: {recognise}, wta: {wta}}}"
    outcome = run(load_experiment("log-sample", ("chip=altai-256", "chip.core.memory=1 MiB", workload)), "compiled")
    equal(outcome)
    assert (outcome.state.substitutions[:, 0] > 1).all()
