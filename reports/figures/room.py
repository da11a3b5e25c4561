"""Room left for growth: slots, axons and memory that are taken, of what the chip, its cores in use and the fullest core may hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from chipsim.lookup import Summary, Tables, number, numbers, rows
from chipsim.quantity import count, digits, percent, plural, short, si
from reports.figures import hover
from reports.figures.base import BLUE, INK, ORANGE, PURPLE, SKY

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taken:
    """What some cores hold of one resource.

    Attributes:
        whose: the cores, in words.
        of: what is counted: ``slots``, ``axons`` or ``bits``.
        used: held at the end of the run.
        allowed: what they may hold.
        grown: of ``used``, what this run added; None where no table tells.
    """

    whose: str
    of: str
    used: float
    allowed: float
    grown: float | None = None

    @property
    def share(self) -> float:
        """Of what they may hold, at the end."""
        return self.used / self.allowed


def slots_taken(summary: Summary, tables: Tables) -> list[Taken]:
    """Neurons in slots of the chip, of the cores that hold neurons, and of the core with the most; empty where cores are not told.

    What was loaded is what is held less what grew there. Once neurons have moved that is known of all cores together only.
    """
    found = _taken(summary, tables, "neurons", "slots")
    if not found:
        return []
    grew = numbers(tables, "growth", "core")
    fullest = _fullest(tables, "neurons")
    there = float((grew == numbers(tables, "cores", "core")[fullest]).sum())
    grown = [float(len(grew)), float(len(grew)), None if number(summary, "counts.migrations") else there]
    return [Taken(one.whose, one.of, one.used, one.allowed, new) for one, new in zip(found, grown, strict=True)]


def others_taken(summary: Summary, tables: Tables) -> list[Taken]:
    """Memory of the chip and of the fullest core at the end, and axons where a core may have so many only and some are in use."""
    memory, axons = (_taken(summary, tables, *one)[::2] for one in (("memory_bits", "bits"), ("axons", "axons")))
    return memory + (axons if axons and axons[0].used else [])


def slots_panel(axes: Axes, taken: list[Taken]) -> None:
    """Bars of slots: loaded, grown, free."""
    _bars(axes, taken)
    axes.set_title("Slots for neurons: loaded + grown")


def others_panel(axes: Axes, taken: list[Taken]) -> None:
    """Bars of memory and axons at the end."""
    _bars(axes, taken)
    axes.set_title("Memory and axons at the end" if any(one.of == "axons" for one in taken) else "Memory at the end, bits")


def room_left(summary: Summary, tables: Tables) -> str:
    """Sentences: how many slots are free, for how many events room is left at the growth of this run, and what ends first."""
    slots = slots_taken(summary, tables)
    if not slots:
        return ""
    chip = slots[0]
    free = max(0.0, chip.allowed - chip.used)
    text = f"{count(free)} of the chip's {plural(chip.allowed, 'slot')} {'is' if free == 1 else 'are'} free"
    if number(summary, "nsn.unstored"):
        return f"{text} at the end, but something new found no room where it was to go: room for 0 more events. "
    if not chip.grown:
        return f"{text}; nothing grew, so they last. "
    text += f", in the fullest core {count(max(0.0, slots[-1].allowed - slots[-1].used))} of {count(slots[-1].allowed)}. "
    more, events, seconds = (number(summary, path) for path in ("claim.limits.memory.events", "counts.events_in", "sim_time_s"))
    if more is None or not events:
        return text
    text += f"At the growth of this run, the whole chip has room for {digits(more)} more events"
    text += f" ({si(more * seconds / events, 's')} of chip time at this rate); " if seconds else "; "
    bounded = any(one.of == "axons" for one in others_taken(summary, tables))
    ends = "slots" if isclose(more, free / chip.grown * events, rel_tol=1e-6) else "memory or axons" if bounded else "memory"
    return f"{text}{ends} would be used up first. "


def in_words(summary: Summary, tables: Tables) -> str:
    """The texts of all bars, for those who cannot see them; empty where nothing grew."""
    if not rows(tables, "growth"):
        return ""
    taken = slots_taken(summary, tables) + others_taken(summary, tables)
    return f"Bars of what is taken ({'; '.join(_said(one, several=True) for one in taken)}). " if taken else ""


def _taken(summary: Summary, tables: Tables, name: str, of: str) -> list[Taken]:
    """Of the chip, of the cores that hold neurons, and of the fullest core; empty where there is no limit or no core is told."""
    if not rows(tables, "cores"):
        return []
    used, allowed = np.nan_to_num(numbers(tables, "cores", name)), numbers(tables, "cores", f"{name}_allowed")
    if not allowed[0] > 0:
        return []
    # a large chip lists only cores that hold or did something; all are alike
    cores = number(summary, "chip.cores") or float(len(used))
    holding = np.nan_to_num(numbers(tables, "cores", "neurons")) > 0
    fullest = _fullest(tables, name)
    core = int(numbers(tables, "cores", "core")[fullest])
    found = [Taken("whole chip", of, float(used.sum()), cores * float(allowed[0]))]
    if holding.any():
        whose = f"{plural(float(holding.sum()), 'core')} with neurons"
        found.append(Taken(whose, of, float(used[holding].sum()), float(allowed[holding].sum())))
    else:
        found.append(Taken("cores with neurons: none", of, 0.0, float(allowed[0])))
    return [*found, Taken(f"fullest core ({core})", of, float(used[fullest]), float(allowed[0]))]


def _fullest(tables: Tables, name: str) -> int:
    """Row of the core that holds most of a resource."""
    return int(np.nan_to_num(numbers(tables, "cores", name)).argmax())


def _said(one: Taken, several: bool) -> str:
    """Above a bar."""
    amount = count(one.used) if one.of == "slots" else short(one.used)
    if one.grown is not None:
        amount = f"{count(max(0.0, one.used - one.grown))} + {count(one.grown)}"
    limit = count(one.allowed) if one.of == "slots" else short(one.allowed)
    return f"{one.whose}: {amount} of {limit}{f' {one.of}' if several else ''}"


def _bars(axes: Axes, taken: list[Taken]) -> None:
    """One bar per entry from 0 to all that is allowed, its text above it: so long texts have the whole width."""
    places = np.arange(len(taken), dtype=np.float64)[::-1]
    share = np.array([one.share for one in taken])
    grown = np.array([(one.grown or 0.0) / one.allowed for one in taken])
    colours = [(BLUE if one.of == "bits" else SKY) if one.grown is None else PURPLE for one in taken]
    axes.barh(places, np.maximum(share - grown, 0), height=0.36, color=colours)
    axes.barh(places, np.minimum(grown, share), height=0.36, left=np.maximum(share - grown, 0), color=ORANGE)
    axes.barh(places, np.ones(len(taken)), height=0.36, facecolor="none", edgecolor=INK, linewidth=0.7)
    several = len({one.of for one in taken}) > 1
    for place, one in zip(places, taken, strict=True):
        axes.text(0.0, place + 0.26, _said(one, several), va="bottom", fontsize=9.5)
    said = [
        "|".join(
            (one.whose, count(one.used), count(one.allowed), one.of, percent(one.share), count(max(0, one.allowed - one.used)))
        )
        for one in taken
    ]
    corners = np.stack([np.zeros(len(places)), places - 0.18, np.ones(len(places)), places + 0.18], axis=1)
    hover.boxes(axes, corners, said, "{0}: {1} of {2} {3} used ({4}), {5} free")
    axes.set(xlim=(0, 1.06), ylim=(-0.4, len(taken) - 0.25), xlabel="used, of what may be held")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(0, 1)  # the rest keeps bars apart from those of the next panel
    ticks = axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ticks[0].label1.set_horizontalalignment("left")
    ticks[-1].label1.set_horizontalalignment("right")
    axes.grid(axis="x")
