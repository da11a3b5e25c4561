"""``chipsim replay --from``: how stored episodes go on from a prefix, each symbol with the neurons that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.cli.output import own_stdout, tell
from chipsim.errors import UsageError
from chipsim.ids import Chain, layer_of, ordinal_of

if TYPE_CHECKING:
    from chipsim.config.workload import Episodes, Replay, Symbols, WorkloadSpec
    from chipsim.network.completion import Next

_MOST_NEXT = 5
_SHOWN = 40  # symbols of a way on in a list of all, where no length is given


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prefix is to be completed to.

    Attributes:
        prefix: as the user wrote it.
        length: symbols at most; None for to the end of the episode.
        every: list every symbol that follows.
        trace: say of each symbol which neurons it came from.
        json: as JSON.
    """

    prefix: str
    length: int | None
    every: bool
    trace: bool
    json: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """A way on: of an episode the items from a place on."""

    episode: int
    place: int
    items: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of a prefix.

    Attributes:
        occurrences, episodes: how often it is stored, in how many episodes.
        ends: how often an episode ends with it.
        following: what follows, most often first.
        chosen: how it goes on; None where nothing follows.
        ways: with the first symbol of ``following`` each, how it goes on, where all are asked for.
    """

    occurrences: int
    episodes: int
    ends: int
    following: list[Next]
    chosen: _Way | None
    ways: list[_Way]


def complete(folder: Path, workload: WorkloadSpec, replay: Replay, episode: int | None, asked: Asked) -> None:
    """Print how a prefix goes on in what a run stored.

    Args:
        folder: of the run.
        workload: what ran.
        replay: how what it stored is told.
        episode: the one that is searched; None for all.
        asked: the prefix, and what is to be told.

    Raises:
        UsageError: it is not stored, or asks for what contradicts itself.
        WorkloadError: the memories are missing or broken.
    """
    symbols = replay.symbols(workload, folder, _aside)
    codes = symbols.codes(asked.prefix)
    if not codes:
        raise UsageError("--from: no symbol; allowed: at least one, in quotation marks")
    episodes = replay.read(workload, folder, episode)
    found = _find(folder, episodes, episode is not None, codes, symbols, asked)
    chains = []
    if asked.trace and found.chosen is not None:
        place = found.chosen.place
        chains = episodes.chains(found.chosen.episode)[place : place + len(found.chosen.items)]
    if asked.json:
        tell(dumps(_as_json(found, chains, symbols, codes, episodes if episode is None else None, asked)))
        return
    _aside(_summary(found, symbols, codes, len(episodes.found)))
    if episode is None and episodes.left_out:
        _aside(f"cannot be replayed, so not searched: {len(episodes.left_out):,} more")
    if asked.every:
        for one, way in zip(found.following, found.ways, strict=True):
            tell(f"{one.count}\t{_where(way)}\t{symbols.shown([code for code, _ in way.items])}")
        if found.ends:
            tell(f"{found.ends}\tend of an episode")
    elif asked.trace and found.chosen is not None:
        for (code, time), chain in zip(found.chosen.items, chains, strict=True):
            tell(f"{symbols.shown([code])}\t{time}\t{chain_text(chain, found.chosen.episode)}")
    elif found.chosen is not None:
        _tell_items(replay.told(workload, folder, found.chosen.items, found.chosen.place, lambda _: None))


def chain_text(chain: Chain, episode: int) -> str:
    """Neurons, layer:ordinal, from a symbol's up to the one in the record of its episode."""
    parts = []
    for link in chain:
        instead = "" if link.instead is None else f" in place of {_label(link.instead)}"
        parts.append(f"{_label(link.neuron)}{instead} at {link.position} of")
    return f"{' '.join(parts)} episode {episode}"


def _label(neuron: int) -> str:
    return f"{layer_of(neuron)}:{ordinal_of(neuron)}"


def _find(folder: Path, episodes: Episodes, one: bool, codes: list[int], symbols: Symbols, asked: Asked) -> _Found:
    """Search what is stored. Raises UsageError where the prefix is not."""
    from chipsim.network.completion import continued, following, longest_end, places_behind, stored

    left_out = f", {len(episodes.left_out):,} more cannot be replayed" if episodes.left_out and not one else ""
    if not episodes.found:
        raise UsageError(
            f"{folder}: no whole episode is stored{left_out}; allowed: a run that stored one, nsn.replayable of its summary says how many"
        )
    laid = stored(episodes.found)
    places, matched = places_behind(laid, codes)
    if matched < len(codes):
        ending = longest_end(laid, codes)
        beginning = f"its longest beginning that is: {symbols.shown(codes[:matched])}" if matched else "no beginning of it is"
        end = f"its longest end that is: {symbols.shown(codes[-ending:])}" if ending else "no end of it is"
        raise UsageError(
            f"{folder}: {symbols.shown(codes)} is not stored in any of {len(episodes.found):,} episodes{left_out}; {beginning}; {end};"
            f" allowed: symbols of one episode as chipsim replay {folder} prints them"
        )
    after, ends = following(laid, places)

    def way(length: int | None, first: int | None = None) -> _Way | None:
        place, size = continued(laid, places, first)
        if not size:
            return None
        number, begin = laid.at(place)
        return _Way(number, begin, episodes.found[number][begin : begin + min(size, length or size)])

    ways = [way(asked.length or _SHOWN, follower.code) for follower in after] if asked.every else []
    return _Found(
        len(places), laid.episodes(places), ends, after, way(asked.length), [found for found in ways if found is not None]
    )


def _summary(found: _Found, symbols: Symbols, codes: list[int], searched: int) -> str:
    """One line: how often, what follows, as in which episode it goes on."""
    shown = [f"{symbols.shown([one.code])} {one.count:,}" for one in found.following[:_MOST_NEXT]]
    more = len(found.following) - len(shown)
    shown += [f"{more:,} others"] * bool(more) + [f"end of the episode {found.ends:,}"] * bool(found.ends)
    times = "once" if found.occurrences == 1 else f"{found.occurrences:,} times"
    text = f"{symbols.shown(codes)} is stored {times}, in {found.episodes:,} of {searched:,} episodes; next: {', '.join(shown)}"
    return text + (f"; goes on as in {_where(found.chosen)}" if found.chosen else "; nothing follows")


def _where(way: _Way) -> str:
    return f"episode {way.episode}, symbol {way.place}"


def _as_json(
    found: _Found, chains: list[Chain], symbols: Symbols, codes: list[int], all_of: Episodes | None, asked: Asked
) -> dict[str, Any]:
    following = [{"symbol": symbols.name(one.code), "code": one.code, "count": one.count} for one in found.following]
    if asked.every:
        following = [one | _way_json(way, symbols) for one, way in zip(following, found.ways, strict=True)]
    told: dict[str, Any] = {
        "from": [symbols.name(code) for code in codes],
        "occurrences": found.occurrences,
        "occurs_in": found.episodes,
        "next": following,
        "ends": found.ends,
        "continuation": None if found.chosen is None else _way_json(found.chosen, symbols),
        "not_replayable": [] if all_of is None else list(all_of.left_out),
    }
    if asked.trace:
        told["trace"] = [
            [
                {
                    "neuron": _label(link.neuron),
                    "position": link.position,
                    "instead": None if link.instead is None else _label(link.instead),
                }
                for link in chain
            ]
            for chain in chains
        ]
    return told


def _way_json(way: _Way, symbols: Symbols) -> dict[str, Any]:
    return {
        "episode": way.episode,
        "place": way.place,
        "items": [list(item) for item in way.items],
        "symbols": [symbols.name(code) for code, _ in way.items],
    }


def _aside(text: str) -> None:
    tell(text, err=True)


def _tell_items(text: bytes | str) -> None:
    """Items as a user knows them, and the end of a line behind them if they have none."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    out = own_stdout()
    out.flush()
    out.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    out.buffer.flush()
