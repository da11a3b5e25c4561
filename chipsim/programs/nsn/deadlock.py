"""Who waits for what, when nothing is due any more and a neurosemantic network is not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chipsim.ids import layer_of, ordinal_of
from chipsim.machine.ints import Ints
from chipsim.machine.raw import CAUSES
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.state import (
    ASKED,
    AT,
    NEED_END,
    NEED_ITEM,
    NEED_NEXT,
    NEED_RUN,
    PHASE,
    PHASE_NAMES,
    POSITION,
    PROBE,
    RECEIVED,
    RESTART,
    RING,
    START,
    Constants,
    Root,
)

WAITS_FOR_ITEMS = (NEED_ITEM, NEED_NEXT, NEED_RUN, NEED_END, RESTART)


def is_waiting(K: Constants, layer: int, scalar: Ints) -> bool:
    """Has a role undecided items with no event left? Recursive networks that read on over the ends of episodes may, if they wait for items."""
    if layer == K.layers + 1 or layer >= K.numbers or scalar[START] == scalar[RECEIVED]:
        return False
    return not (K.linked and layer > K.layers and scalar[PHASE] in WAITS_FOR_ITEMS)


def describe_deadlock(
    plan: Plan,
    cores: Mapping[int, Core],
    roots: Sequence[Root],
    waiting: Sequence[int],
    host: tuple[int, int],
    dropped: Sequence[int],
    now: int,
    losses: Sequence[int] = (),
) -> str:
    """What the roots wait for, what the cores below them still wait for, and what was dropped on the way.

    Args:
        plan: the run.
        cores: memories of the cores.
        roots: memories of the roots.
        waiting: layers whose root holds undecided items.
        host: items offered and taken.
        dropped: messages lost, by kind.
        now: ps.
        losses: messages that a damaged network dropped, by cause.
    """
    K = plan.own.constants
    lines = [f"nothing moves any more at {now} ps: {host[0]} of {len(plan.own.code)} items offered, {host[1]} taken"]
    hungry = [layer for layer in waiting if roots[layer].scalar[PHASE] in WAITS_FOR_ITEMS]
    for layer in waiting:
        if layer not in hungry:
            lines.append("  " + _root_line(plan, roots[layer], layer))
            if roots[layer].scalar[PHASE] == ASKED:
                lines += ["  " + line for line in _core_lines(plan, cores, layer)]
    if K.sleeps and cores[K.root_core[K.layers + 1]].sleepers[0].stage:
        lines.append("  the sleeper waits for an answer (workload.compaction)")
    if hungry:
        lines.append(f"  layers {', '.join(map(str, hungry))}: their roots wait for items from below")
    lost = [f"{n} x {plan.kinds[kind]}" for kind, n in enumerate(dropped) if n]
    lines.append(f"  dropped on the way: {', '.join(lost) or 'nothing'} (see `faults` in the experiment)")
    causes = [f"{n} {name}" for name, n in zip(CAUSES, losses, strict=False) if n]
    if causes:
        hint = "; flit_loss with retransmit: true loses none" if any("flit_loss" in cause for cause in causes) else ""
        lines.append(f"  causes: {', '.join(causes)}{hint}")
    return "\n".join(lines)


def _root_line(plan: Plan, root: Root, layer: int) -> str:
    scalar = root.scalar
    where = f"layer {layer}: its root on core {plan.own.constants.root_core[layer]} waits for {PHASE_NAMES[scalar[PHASE]]}"
    if scalar[PHASE] != ASKED:
        return f"{where} (segment at item {scalar[START]})"
    number = scalar[START] + scalar[AT] + scalar[POSITION]
    item = root.item_id[number % RING]
    name = f"neuron {ordinal_of(item)} of layer {layer_of(item)}" if layer else f"code {item}"
    return f"{where} to item {number} ({name}, position {scalar[POSITION]} of probe {scalar[PROBE]})"


def _core_lines(plan: Plan, cores: Mapping[int, Core], layer: int) -> list[str]:
    lines: list[str] = []
    for number, m in sorted(cores.items()):
        wait = m.waits[layer]
        tag, got = wait.tag, wait.got
        if tag == 0:
            continue
        own = "its own match done" if wait.own else "the spike itself not seen"
        below = [
            other
            for other, n in sorted(cores.items())
            if any(axon.parent == number and axon.layer == layer for axon in n.axons[: n.ledgers[0].axons])
            and n.waits[layer].tag == 0
        ]
        lines.append(
            f"core {number} holds an open answer to probe {tag // 8}, position {tag % 8}: {own}, {got} answers of other cores in; "
            f"missing is one of cores {', '.join(map(str, below[:8])) or '-'}"
        )
    return lines or ["no core holds an open answer: what they answered did not reach the root"]
