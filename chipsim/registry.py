"""Named parts that an outside package can add to: programs, kinds of workload, topologies, partitioners, sinks and the like.

A part is an entry point of a package: in its ``pyproject.toml`` stands ``[project.entry-points."chipsim.neurons"]`` and a line such as
``izhikevich = "my_neurons.izhikevich:NEURON"``. What ships is found by the same door. Nothing is imported before it is asked for.

What ships can be taken out by deleting its folder: an entry point of chipsim itself whose module is not there counts as not installed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from chipsim.errors import PluginError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint  # read where a registry is asked, and `chipsim --help` asks none

log = logging.getLogger(__name__)

DISTRIBUTION = "chipsim"
"""The package that ships with names that nobody else may take."""

_ROOT = Path(__file__).resolve().parent.parent
_PYPROJECT = _ROOT / "pyproject.toml"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry point.

    Attributes:
        name: what the part is asked for by.
        point: where it stands.
        distribution: the installed package that offers it, with its version.
    """

    name: str
    point: EntryPoint
    distribution: str


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """The parts of one sort, by name.

    Attributes:
        group: of the entry points, ``chipsim.`` and the sort in the plural.
        what: the sort in the singular, for messages.
        of: the class that every part is of.
    """

    group: str
    what: str
    of: type[T]

    def names(self) -> tuple[str, ...]:
        """What can be asked for: first what ships, in its order, then the rest by name."""
        return tuple(offers(self.group))

    def get(self, name: str, where: str = "") -> T:
        """The part of a name.

        Args:
            name: what is asked for.
            where: who asks, for the message: a key path or an option.

        Raises:
            UsageError: no part has that name; says which do.
            PluginError: the part cannot be loaded, or two packages offer one of that name, or it has been taken out.
        """
        found = offers(self.group).get(name)
        if found is None:
            names = self.names()
            if taken := taken_out(self.group).get(name):
                raise PluginError(
                    f"{where}{': ' if where else ''}the {self.what} {name!r} is not installed: there is no module {taken}; bring it back, or"
                    f" take another; installed: {', '.join(names) or 'none'}"
                )
            raise UsageError(
                f"{where}{': ' if where else ''}no {self.what} is called {name!r:.60}{did_you_mean(name, names)}; allowed:"
                f" {', '.join(names) or 'none, for no package offers any'}"
            )
        part: T = _loaded(self, found)
        return part

    def all(self) -> dict[str, T]:
        """Every part that can be loaded; a broken one is told of in the log and left out."""
        parts: dict[str, T] = {}
        for name, found in offers(self.group).items():
            try:
                parts[name] = _loaded(self, found)
            except PluginError as error:
                _warn(f"{error}; it is left out")
        return parts


@cache
def _warn(text: str) -> None:
    """Say something in the log, once."""
    log.warning("%s", text)


@cache
def offers(group: str) -> dict[str, tuple[Offer, ...]]:
    """Entry points of a group by name, those of one name together: first what ships, in its order, then the rest by name."""
    shipped, others = _shipped(), []
    from importlib.metadata import entry_points

    for point in entry_points(group=group):
        distribution = point.dist
        if distribution is None or (distribution.name == DISTRIBUTION and (shipped is not None or not _is_there(point))):
            continue
        label = DISTRIBUTION if distribution.name == DISTRIBUTION else f"{distribution.name} {distribution.version}"
        others.append(Offer(point.name, point, label))
    found: dict[str, tuple[Offer, ...]] = {}
    ours = [offer for offer in (shipped or {}).get(group, ()) if _is_there(offer.point)]
    for offer in (*ours, *sorted(others, key=_order)):
        found[offer.name] = (*found.get(offer.name, ()), offer)
    return found


@cache
def taken_out(group: str) -> dict[str, str]:
    """Names that ship in a group and whose modules are not there, each with its module."""
    from importlib.metadata import entry_points

    shipped = _shipped()
    points = entry_points(group=group) if shipped is None else [offer.point for offer in shipped.get(group, ())]
    ours = [point for point in points if point.dist is None or point.dist.name == DISTRIBUTION]
    return {point.name: point.module for point in ours if not _is_there(point)}


def _is_there(point: EntryPoint) -> bool:
    """Whether the module of an entry point of chipsim itself is beside this one."""
    file = _ROOT.joinpath(*point.module.split("."))
    return file.with_suffix(".py").is_file() or file.is_dir()


def _order(offer: Offer) -> tuple[bool, str, str]:
    """Installed, what ships keeps its order, for sorting is stable."""
    own = offer.distribution == DISTRIBUTION
    return not own, "" if own else offer.name, "" if own else offer.distribution


@cache
def _shipped() -> dict[str, list[Offer]] | None:
    """What ships, from the source tree that this file lies in, if it does: the metadata of an editable install may be older."""
    if not _PYPROJECT.is_file():
        return None
    import tomllib
    from importlib.metadata import EntryPoint

    project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8")).get("project", {})
    if project.get("name") != DISTRIBUTION:
        return None
    groups: dict[str, dict[str, str]] = project.get("entry-points", {})
    return {
        group: [Offer(name, EntryPoint(name, value, group), DISTRIBUTION) for name, value in points.items()]
        for group, points in groups.items()
    }


@cache
def _loaded(registry: Registry[T], found: tuple[Offer, ...]) -> T:
    """The part itself. Raises PluginError."""
    offer = found[0]
    if len(found) > 1:
        who = " and ".join(one.distribution for one in found)
        raise PluginError(
            f"{who} both offer a {registry.what} called {offer.name!r}; uninstall one, or have it take another name"
        )
    told = f"{offer.distribution}: entry point {offer.name!r} of {registry.group} ({offer.point.value})"
    try:
        part = offer.point.load()
    except Exception as error:  # whatever a module of somebody else's may do when it is imported
        raise PluginError(
            f"{told} cannot be loaded: {type(error).__name__}: {error}; repair that package, or uninstall it"
        ) from error
    if not isinstance(part, registry.of):
        raise PluginError(f"{told} is a {type(part).__name__}; allowed: a {registry.of.__name__} of {registry.of.__module__}")
    return part


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the closest allowed word, else nothing."""
    import difflib

    close = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""
