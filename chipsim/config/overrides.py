"""``--set path=value``: what the text means, and which keys it displaces."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chipsim.config import tree
from chipsim.config.constant import SET_BY_USER
from chipsim.config.yaml12 import Document, KeyPath, Mark, parse_document
from chipsim.errors import ConfigError, UsageError

_DISPLACES: dict[KeyPath, tuple[KeyPath, ...]] = {
    ("workload", "path"): (("workload", "source"), ("workload", "generate")),
    ("workload", "source"): (("workload", "path"),),
    ("workload", "generate"): (("workload", "path"),),
    ("mapping", "file"): tuple(("mapping", name) for name in ("partitioner", "placer", "seed", "fill")),
    **{("mapping", name): (("mapping", "file"),) for name in ("partitioner", "placer", "seed", "fill")},
}
"""Keys that exclude each other: setting the one takes the other away, so that ``--set workload.path=MY.txt`` just works."""


_REMEDY = re.compile(r"""(?<=[^\n])`?--set ('[^'\n]*'|[\w.]+=(?:"[^"\n]*"|\[[^]\n]*\]|[^\s;,`)]+))`?""")
"""A remedy within a message; where a line begins with it, it says whence a value came."""


@dataclass(frozen=True, slots=True)
class Override:
    """One ``--set``: a key path, the value as a document, and how messages name it."""

    path: KeyPath
    part: Document
    mark: Mark


def parse(text: str) -> Override:
    """Read one ``path=value``; the value is YAML, a plain value or a flow mapping or list.

    Raises:
        UsageError: no ``=``, an empty key, or a value that is not YAML.
    """
    key, equals, value = text.partition("=")
    parts = tuple(key.strip().split("."))
    shown = text if len(text) <= 80 else text[:77] + "..."
    mark = Mark(f"--set {shown}")
    if not equals or not all(parts):
        raise UsageError(f"--set {shown!r}: allowed: path=value, for example --set chip.noc.router=ideal")
    try:
        part = parse_document(value, mark.where, positions=False)
    except ConfigError as error:
        raise UsageError(f"{error}; put the value in quotes if it is text with special characters") from None
    return Override(parts, part, mark)


def in_sweep_file(text: str) -> str:
    """A message of one of a sweep's points: what `chipsim run` takes by ``--set KEY=VALUE`` stands in the file as ``KEY: VALUE``."""
    return _REMEDY.sub(_line, text)


def _line(found: re.Match[str]) -> str:
    key, _, value = found[1].strip("'").partition("=")
    return f"`{key}: {value}` under set"


def constant_value(document: Document, path: KeyPath, part: Document, mark: Mark) -> tuple[KeyPath, Document]:
    """A new ``value`` of a constant takes its grade, source, proxy, range and range_source away: they described the old one."""
    parent = path[:-1]
    if path[-1] != "value" or not tree.has(document, parent):
        return path, part
    old = tree.at(document, parent).value
    if not (isinstance(old, str) or (isinstance(old, dict) and "grade" in old)):
        return path, part
    value = {"value": part.value, **unsourced(part.value, mark).value}
    keys: dict[KeyPath, Mark] = {(name,): mark for name in value}
    return parent, Document(value, keys, {(): mark, **keys})


def unsourced(value: object, mark: Mark) -> Document:
    """Grade and source of a number that somebody set."""
    told = {"grade": "unknown" if value is None else "assumed", "source": SET_BY_USER}
    keys: dict[KeyPath, Mark] = {(name,): mark for name in told}
    return Document(told, keys, {(): mark, **keys})


def replaced_by(path: KeyPath) -> tuple[KeyPath, ...]:
    """Keys that setting ``path`` takes away; the source of a range does not stand for another one."""
    if path[0] == "chip" and path[-1] == "range":
        return ((*path[:-1], "range_source"),)
    return _DISPLACES.get(path, ())
