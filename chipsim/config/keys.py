"""Which keys a format has where, read from its models."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from chipsim.config.constant import Constant
from chipsim.config.workload import WorkloadSpec
from chipsim.config.workload import models as workload_models

_HOLDERS = (typing.Annotated, typing.Union, types.UnionType, tuple)
"""Annotations whose parts stand at the same key path, or one list index below."""


def allowed_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """Keys that a mapping at a location may have, in order of the format."""
    extra = ("link_latency",) if loc[-1:] == ("noc",) else ()
    return tuple(dict.fromkeys(name for one in _reached(model, loc) for name in one.model_fields)) + extra


def kinds(model: type[BaseModel], loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """Values of ``kind`` that tell the models at a location apart."""
    return tuple(kind for one in _reached(model, loc) for kind in _kind(one))


def key_paths(model: type[BaseModel]) -> Iterator[str]:
    """Every key path of a format, groups included, parts of constants left out."""
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            if not issubclass(inner, Constant):
                yield from (f"{name}.{path}" for path in key_paths(inner))


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every model that it holds, base classes of constants left out."""
    yield model
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield from models_below(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models that an annotation can hold."""
    if annotation is WorkloadSpec:
        yield from workload_models()
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif typing.get_origin(annotation) in _HOLDERS:
        for part in typing.get_args(annotation):
            yield from _models(part)


def _kind(model: type[BaseModel]) -> tuple[str, ...]:
    """Value of ``kind`` of one model of a union, nothing for other models."""
    field = model.model_fields.get("kind")
    return typing.get_args(field.annotation) if field is not None else ()


def _reached(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """Models at a location; tags of unions pick among them, list indices stay."""
    current = [model]
    for step in loc:
        owners = [one for one in current if isinstance(step, str) and step in one.model_fields]
        if owners:
            current = [inner for one in owners for inner in _models(one.model_fields[str(step)].annotation)]
        else:
            current = [one for one in current if step in _kind(one)] or current
    return current
