"""Editing documents: putting one into another without losing the place of a single key."""

from __future__ import annotations

from typing import Any

from chipsim.config.yaml12 import Document, KeyPath, Mark
from chipsim.errors import ConfigError


def wrap(document: Document, path: KeyPath, mark: Mark) -> Document:
    """The document at a key path of an otherwise empty one; the keys on the way stand at ``mark``."""
    value = document.value
    for part in reversed(path):
        value = {part: value}
    steps = dict.fromkeys((path[: depth + 1] for depth in range(len(path))), mark)
    keys = steps | {path + key: place for key, place in document.keys.items()}
    values = {(): mark} | steps | {path + key: place for key, place in document.values.items()}
    return Document(value, keys, values)


def at(document: Document, path: KeyPath) -> Document:
    """The part of a document at a key path that exists."""
    depth = len(path)
    value = document.value
    for part in path:
        value = value[part]
    keys = {key[depth:]: mark for key, mark in document.keys.items() if key[:depth] == path and len(key) > depth}
    return Document(value, keys, {key[depth:]: mark for key, mark in document.values.items() if key[:depth] == path})


def has(document: Document, path: KeyPath) -> bool:
    """Whether there is a value, null included, at a key path."""
    value = document.value
    for part in path:
        inside = part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value))
        if not inside:
            return False
        value = value[part]
    return True


def put(document: Document, path: KeyPath, part: Document, key_mark: Mark) -> Document:
    """A document with ``part`` at a key path, in place of what was there; missing mappings on the way are made.

    Raises:
        ConfigError: the way leads through a plain value, or to an item that a list does not have.
    """
    value = _put(document.value, path, part.value, path, key_mark)
    depth = len(path)
    keys = {key: mark for key, mark in document.keys.items() if key[:depth] != path}
    values = {key: mark for key, mark in document.values.items() if key[:depth] != path}
    for step in range(1, depth):
        keys.setdefault(path[:step], key_mark)
        values.setdefault(path[:step], key_mark)
    keys[path] = key_mark
    keys |= {path + key: mark for key, mark in part.keys.items()}
    values |= {path + key: mark for key, mark in part.values.items()}
    return Document(value, keys, values)


def drop(document: Document, path: KeyPath) -> Document:
    """A document without a key; unchanged where it is not there."""
    if not path or not has(document, path):
        return document
    parent = at(document, path[:-1]).value
    if not isinstance(parent, dict):
        return document
    rest = {key: value for key, value in parent.items() if key != path[-1]}
    value = _put(document.value, path[:-1], rest, path, Mark("")) if len(path) > 1 else rest
    depth = len(path)
    return Document(
        value,
        {key: mark for key, mark in document.keys.items() if key[:depth] != path},
        {key: mark for key, mark in document.values.items() if key[:depth] != path},
    )


def merge(base: Document, over: Document) -> Document:
    """Both, ``over`` winning: mappings key by key, anything else (and a constant that gives its value) as a whole."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)) or "value" in over.value:
        return over
    result = base
    for key in over.value:
        part = at(over, (key,))
        if key in result.value:
            part = merge(at(result, (key,)), part)
        result = put(result, (key,), part, over.keys[(key,)])
    if "range" in over.value and "range_source" not in over.value:  # the source of a range does not stand for another one
        result = drop(result, ("range_source",))
    return result


def _put(value: Any, path: KeyPath, part: Any, whole: KeyPath, mark: Mark) -> Any:
    """Copy of a value with ``part`` at a path; shares whatever it does not change."""
    if not path:
        return part
    first, rest = path[0], path[1:]
    here = ".".join(map(str, whole[: len(whole) - len(rest)]))
    if value is None:
        value = {}
    if isinstance(value, dict):
        return {**value, first: _put(value.get(first), rest, part, whole, mark)}
    if isinstance(value, list):
        index = int(first) if str(first).isdecimal() else -1
        if not 0 <= index < len(value):
            allowed = f"0 to {len(value) - 1}" if value else "none, it is empty; set the whole list"
            raise ConfigError(f"{mark}: {here}: no such item of the list; allowed: {allowed}")
        return [*value[:index], _put(value[index], rest, part, whole, mark), *value[index + 1 :]]
    parent = ".".join(map(str, whole[: len(whole) - len(rest) - 1]))
    raise ConfigError(f"{mark}: {here}: {parent} is a plain value ({value!r:.60}) and has no keys; set {parent} itself")
