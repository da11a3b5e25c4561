"""Who waits for what when no event is left: the text of a ``DeadlockError``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chipsim.ids import layer_of, ordinal_of
from chipsim.model.state import ASKED, AT, PHASE, PHASE_NAMES, POSITION, PROBE, RING, START, Core, Root
from chipsim.plan.plan import Plan


def describe_stuck(
    plan: Plan, cores: Mapping[int, Core], roots: Sequence[Root], waiting: Sequence[int], offered: int, taken: int, now: int
) -> str:
    """One line per layer whose root is in the middle of something, and what the cores below it still wait for."""
    lines = [f"nothing moves any more at {now} ps: {offered} of {len(plan.code)} items offered, {taken} taken"]
    for layer in waiting:
        lines.append("  " + _root_line(plan, roots[layer], layer))
        if roots[layer].scalar[PHASE] == ASKED:
            lines += ["  " + line for line in _core_lines(plan, cores, layer)]
    lines.append("  a message was lost or a component failed; see `faults` in the experiment and counts.drops in the summary")
    return "\n".join(lines)


def _root_line(plan: Plan, root: Root, layer: int) -> str:
    scalar = root.scalar
    where = f"layer {layer}: its root on core {plan.constants.root_core[layer]} waits for {PHASE_NAMES[scalar[PHASE]]}"
    if scalar[PHASE] != ASKED:
        return f"{where} (segment at item {scalar[START]})"
    number = scalar[START] + scalar[AT] + scalar[POSITION]
    item = root.item_id[number % RING]
    name = f"neuron {ordinal_of(item)} of layer {layer_of(item)}" if layer else f"code {item}"
    return f"{where} to item {number} ({name}, position {scalar[POSITION]} of probe {scalar[PROBE]})"


def _core_lines(plan: Plan, cores: Mapping[int, Core], layer: int) -> list[str]:
    lines = []
    for number, m in sorted(cores.items()):
        tag = m.wait_tag[layer]
        if tag < 0:
            continue
        got = m.wait_got[layer]
        own = "its own match done" if m.wait_own[layer] else "the spike itself not seen"
        below = [
            other
            for other, n in sorted(cores.items())
            if any(n.axon_parent[a] == number and n.axon_layer[a] == layer for a in range(n.axon_count[0]))
            and n.wait_tag[layer] < 0
        ]
        lines.append(
            f"core {number} holds an open answer to probe {tag // 8}, position {tag % 8}: {own}, {got} answers of other cores in; "
            f"missing is one of cores {', '.join(map(str, below[:8])) or '-'}"
        )
    return lines
