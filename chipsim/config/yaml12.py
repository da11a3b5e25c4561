"""YAML by the number rules of 1.2, with the place of every key and value, and nothing that a description does not need.

PyYAML speaks YAML 1.1, where ``1e-12`` is text, ``on`` is true and ``012`` is ten. Its scanner, parser and composer are used
here, its resolver and constructor are not: scalars follow the core schema of YAML 1.2, keys are text and occur once, tags and
several documents are refused, and size, depth and the expansion of aliases are bounded.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from chipsim.beside import beside
from chipsim.errors import ConfigError
from chipsim.foreign import how_to_run, recognise

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 1_000_000
_MAX_DEPTH = 40
_MAX_NODES = 100_000

_CORE = "tag:yaml.org,2002:"
_SCALARS = (
    ("null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", re.ASCII), list("-+0123456789")),
    (
        "float",
        re.compile(
            r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
            re.ASCII,
        ),
        list("-+.0123456789"),
    ),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: a file with line and column, both from 1, or a label without (``--set ...``)."""

    where: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.where}:{self.line}:{self.column}" if self.line else self.where


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values (dict, list, str, int, float, bool, None) with the place of each key and of each value by key path."""

    value: Any
    keys: dict[KeyPath, Mark]
    values: dict[KeyPath, Mark]


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's front half with the implicit rules of YAML 1.2 and bounded depth."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self.depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Compose one node; refuses what is nested deeper than any description is."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested more than {_MAX_DEPTH} levels deep", problem_mark=self.get_mark())
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _quick_loader() -> type[BaseResolver] | None:
    """The same front half in C (libyaml), six times as fast; None where PyYAML was built without it."""
    if not yaml.__with_libyaml__:
        return None
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class Quick(CParser, BaseResolver):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            BaseResolver.__init__(self)

    return Quick


_QUICK: Any = _quick_loader()

for _name, _pattern, _first in _SCALARS:
    for _loader in filter(None, (_Loader, _QUICK)):
        _loader.add_implicit_resolver(_CORE + _name, _pattern, _first)

_APART = re.compile(r"[\t?!\x85\xa0\u2028\u2029\ufeff]|:\s*[],}]|:[\[{]|---|[|>]#|(?:[-:] +){20}")
"""What both parsers read differently, and what nests without a bracket."""
_MOST_OPENED = 2000
"""Brackets of a text up to which the parser in C, which calls itself for each level, can be left alone with it."""


def _composed(text: str) -> Node | None:
    """The node tree of a text: in C where that finds no fault, else by the parser whose messages are told. Raises as PyYAML does."""
    if _QUICK is not None and text.count("[") + text.count("{") <= _MOST_OPENED and not _APART.search(text):
        with contextlib.suppress(yaml.YAMLError, ValueError, OverflowError, RecursionError):
            node: Node | None = _QUICK(text).get_single_node()
            if _is_shallow(node):
                return node
    slow: Node | None = _Loader(text).get_single_node()
    return slow


def _is_shallow(node: Node | None) -> bool:
    """Whether no node is deeper than any description is."""
    level, depth, seen = [] if node is None else [node], 0, set()
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            return False
        inner = [one for node in level if isinstance(node, MappingNode) for pair in node.value for one in pair]
        inner += [one for node in level if isinstance(node, SequenceNode) for one in node.value]
        level = [one for one in inner if not isinstance(one, ScalarNode) and id(one) not in seen]
        seen |= {id(one) for one in level}
    return True


def read_document(path: Path, prefix: str = "") -> Document:
    """Read a YAML file; ``prefix`` goes before every key path in messages (``chip.``).

    Raises:
        ConfigError: missing, a folder, too large, not UTF-8, or not one well-formed YAML mapping or value.
    """
    return parse_document(_read_text(path), str(path), prefix=prefix)


def parse_document(text: str, where: str, *, positions: bool = True, prefix: str = "") -> Document:
    """Parse YAML text; ``where`` names it in messages, ``prefix`` goes before every key path. ``positions=False``: marks have no line.

    Raises:
        ConfigError: with ``where:line:column`` of the first thing that is wrong.
    """
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_message(error, where, positions)) from None
    except yaml.reader.ReaderError as error:
        line, column = _line_column(text, error.position)
        place = f"{where}:{line}:{column}" if positions else where
        raise ConfigError(f"{place}: found a character that YAML does not allow ({_code(error)}); is it text?") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise ConfigError(f"{where}: not readable as YAML ({error})") from None
    builder = _Builder(where, positions, prefix)
    value = None if node is None else builder.build(node, ())
    return Document(value, builder.keys, builder.values)


def _read_text(path: Path) -> str:
    """Text of a file of bounded size."""
    try:
        if path.is_dir():
            raise ConfigError(f"{path}: is a folder; allowed: a YAML file")
        if path.is_symlink() and not path.exists():
            raise ConfigError(f"{path}: is a link that leads nowhere")
        if not path.exists():
            raise ConfigError(f"{path}: no such file{beside(path, ('*.yaml', '*.yml', '*.json'))}")
        if not path.is_file():
            raise ConfigError(f"{path}: is not a regular file; allowed: a YAML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    found = recognise(path) if not data.isascii() or len(data) > MAX_BYTES else None
    if found is not None and not found.is_text:
        raise ConfigError(f"{path}: not a description in YAML, but {found.what}; {found.to_arrays}")
    if data.startswith(b"PK\x03\x04"):
        raise ConfigError(f"{path}: not a description in YAML, but an archive; {how_to_run(str(path)) or 'unpack it first'}")
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES:,} bytes; a description is a few kilobytes: is it the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_column(data[: error.start].decode("utf-8-sig", "replace"), None)
        raise ConfigError(f"{path}:{line}:{column}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from None


def _line_column(text: str, position: int | None) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text (None: its end)."""
    before = text if position is None else text[:position]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _code(error: yaml.reader.ReaderError) -> str:
    character = error.character
    return f"U+{ord(character) if isinstance(character, str) else int(character):04X}"


def _syntax_message(error: yaml.MarkedYAMLError, where: str, positions: bool) -> str:
    """One line from PyYAML's several."""
    mark = error.problem_mark or error.context_mark
    place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark and positions else where
    problem = error.problem or error.context or "not YAML"
    hint = ""
    if "'\\t'" in problem:
        hint = "; indent with spaces, not with a tab"
    elif "expected a single document" in (error.context or ""):
        problem, hint = "a second document starts here", "; allowed: one document per file"
    elif "undefined alias" in problem:
        hint = "; an alias (*name) needs its anchor (&name) before it"
    elif "mapping values are not allowed" in problem:
        hint = "; a value with a colon or a comma wants quotes"
    return f"{place}: not well-formed YAML: {problem}{hint}"


class _Builder:
    """Plain values out of a composed node tree."""

    def __init__(self, where: str, positions: bool, prefix: str) -> None:
        self.where = where
        self.prefix = prefix
        self.positions = positions
        self.keys: dict[KeyPath, Mark] = {}
        self.values: dict[KeyPath, Mark] = {}
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: Node, path: KeyPath) -> Any:
        """Value of a node and of all below it. Raises ConfigError at the place of what is not allowed."""
        self._count += 1
        if self._count > _MAX_NODES:
            raise self._error(node, path, f"more than {_MAX_NODES:,} values once aliases are followed")
        if id(node) in self._open:
            raise self._error(node, path, "an alias that contains itself")
        self.values[path] = self._mark(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._open.add(id(node))
        result: Any
        if isinstance(node, MappingNode):
            result = self._mapping(node, path)
        elif isinstance(node, SequenceNode):
            self._check_tag(node, path, "seq")
            result = [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        self._open.discard(id(node))
        return result

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        self._check_tag(node, path, "map")
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise self._error(key_node, path, "a list or mapping as a key; allowed: text")
            key = self._scalar(key_node, path)
            if not isinstance(key, str):
                raise self._error(key_node, path, f"key {key_node.value!r:.60} is not text; put it in quotes")
            here = (*path, key)
            if key in result:
                raise self._error(key_node, here, f"key given twice; it stands first at line {self.keys[here].line}; keep one")
            self.keys[here] = self._mark(key_node)
            result[key] = self.build(value_node, here)
        return result

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        kind = str(node.tag).removeprefix(_CORE)
        text = str(node.value)
        if kind == "str":
            if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                raise self._error(node, path, "text with a NUL or half a surrogate pair")
            return text
        rule = next((pattern for name, pattern, _ in _SCALARS if name == kind), None)
        if rule is None or not rule.match(text):
            raise self._error(node, path, f"tag {node.tag} is not allowed here; write the plain value")
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return self._int(node, text, path)
        number = float("nan") if len(text) > 400 or text.strip("+-.").lower() in ("inf", "nan") else float(text)
        if not abs(number) < float("inf"):
            raise self._error(node, path, f"{text:.40} is not a finite number that a float can hold")
        return number

    def _int(self, node: ScalarNode, text: str, path: KeyPath) -> int:
        base = 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10
        number = int(text, base) if len(text) <= 64 else 2**64
        if not -(2**63) <= number < 2**63:
            raise self._error(node, path, f"number {text:.40} is too large; allowed: -2^63 to 2^63 - 1")
        return number

    def _check_tag(self, node: Node, path: KeyPath, kind: str) -> None:
        if node.tag != _CORE + kind:
            raise self._error(node, path, f"tag {node.tag} is not allowed; write plain mappings, lists and values")

    def _mark(self, node: Node) -> Mark:
        if not self.positions:
            return Mark(self.where)
        return Mark(self.where, node.start_mark.line + 1, node.start_mark.column + 1)

    def _error(self, node: Node, path: KeyPath, what: str) -> ConfigError:
        key = ".".join(map(str, path))
        return ConfigError(f"{self._mark(node)}: {self.prefix + key + ': ' if key else ''}{what}")
