"""What finding a winner takes, by a tree of answers and by inhibition, on 1, 2, 8 and 64 cores of altai-256.

python -m tests.bench.inhibition

Two inputs: words of which each has 52 candidates (``tests.contests``), and the shipped text with vectors that sum. Per decision of a layer that
competes: messages, joules of cores, routers and links, and chip time, all with what else belongs to reading (items are presented, the winner
fires). The chip reads as fast as it can.
"""

from __future__ import annotations

from chipsim.config.load import load_chip, load_experiment
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.machine.raw import RawRun
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.messages import CONTEST, VOTED
from tests.contests import contest_plan, words
from tests.engines import lower

CORES = {1: (1, 1), 2: (2, 1), 8: (4, 2), 64: (8, 8)}
WAYS = ("tree", "inhibition")
ROOM = ("core.axons=null", "core.memory=4 MiB")
SHARES = ("core", "router", "link", "interchip")


def settings(cores: int, neurons: int) -> tuple[str, ...]:
    """Of the chip: so many cores with room for so many neurons in all."""
    width, height = CORES[cores]
    return (*ROOM, f"noc.width={width}", f"noc.height={height}", f"core.neurons={-(-neurons // cores)}")


def of_words(cores: int, way: str) -> Plan:
    """400 words, each a decision between 52 stored ones."""
    return contest_plan(words(1, 52, 400, "bcde"), settings(cores, 80), way == "inhibition", base="altai-256")


def of_text(cores: int, way: str) -> Plan:
    """Two thousand characters behind twenty thousand."""
    chip = [f"chip.{one}" for one in settings(cores, 6000)]
    named = ["workload.learned=20000", "workload.symbols=2000", "workload.rate=saturate", "mapping.partitioner=random"]
    return lower(load_experiment("text-sum", [*chip, *named, f"workload.wta={way}", "mapping.fill=1.0"]))[2]


def row(name: str, cores: int, way: str, plan: Plan, raw: RawRun) -> str:
    """Per decision of layers 1 and up."""
    decisions = int((raw.own.winners[:, 1] > 0).sum())
    spent = account(load_chip("altai-256", settings(cores, 80)), plan.mesh, raw)
    joules = sum(spent.share(share) for share in SHARES)
    contests, rounds = int(raw.sent[CONTEST]), int(raw.sent[VOTED])
    return (
        f"| {name} | {cores} | {way} | {raw.sent.sum() / decisions:.1f} | {joules / decisions * 1e9:.2f} "
        f"| {raw.end_ps / decisions * 1e-6:.2f} | {contests / decisions:.2f} | {rounds / decisions:.2f} |"
    )


def table() -> list[str]:
    """Rows of a table in Markdown."""
    rows = [
        "| input | cores | WTA | messages | nJ | us | questions | votes at the root |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, make in (("words", of_words), ("text", of_text)):
        for cores in CORES:
            for way in WAYS:
                plan = make(cores, way)
                rows.append(row(name, cores, way, plan, run_compiled(plan, Watch())))
    return rows


if __name__ == "__main__":
    print("\n".join(table()))  # noqa: T201
