"""``chipsim show glossary TERM``: what a word of the output means, from ``docs/glossary.md`` and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chipsim.cli.output import tell
from chipsim.cli.text import columns, labelled
from chipsim.errors import UsageError

_ENTRY = re.compile(r"^\*\*(?P<names>[^*]+)\*\* — (?P<text>.*?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"\*([^*]+)\*|`([^`]+)`|\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its names, the first of which is its heading, and its text without marks of Markdown."""

    heading: str
    names: tuple[str, ...]
    text: str


def entries() -> tuple[Entry, ...]:
    """All of the glossary, in its order. Raises ConfigError where it is missing."""
    from chipsim.config.catalogue import glossary_path  # heavy, and --help must be quick

    found = []
    for match in _ENTRY.finditer(glossary_path().read_text(encoding="utf-8")):
        heading, text = " ".join(match["names"].split()), " ".join(match["text"].split())
        names = [name.strip().lower() for name in re.split(r"[(),]", heading) if name.strip()]
        found.append(Entry(heading, tuple(names), _MARKS.sub(lambda one: one[1] or one[2] or one[3], text)))
    return tuple(found)


def looked_up(term: str) -> tuple[Entry, ...]:
    """Entries of that name, in the singular or plural, else those that speak of it. Raises UsageError where nothing does."""
    from chipsim.registry import did_you_mean

    known = entries()
    word = " ".join(term.lower().replace("_", " ").split())
    singular = word.removesuffix("s")
    found = [entry for entry in known if word in entry.names or singular in entry.names]
    found = found or [
        entry for entry in known if re.search(rf"\b{re.escape(singular)}", f"{entry.heading} {entry.text}".lower())
    ]
    if not word or not found:
        names = [name for entry in known for name in entry.names]
        raise UsageError(f"no entry for {term!r:.40}{did_you_mean(word, names)}; allowed: what `chipsim show glossary` lists")
    return tuple(found)


def show_glossary(term: str | None, json: bool) -> None:
    """Explain a term, or list all there are."""
    found = entries() if term is None else looked_up(term)
    if json:
        from json import dumps

        tell(dumps([{"term": entry.heading, "text": entry.text} for entry in found], indent=2, ensure_ascii=False))
    elif term is None:
        tell("\n".join(columns(["term", ""], [(entry.heading, entry.text.split(". ")[0]) for entry in found])))
    else:
        tell("\n".join(f"{entry.heading}\n{labelled('', entry.text, 4)}" for entry in found))
