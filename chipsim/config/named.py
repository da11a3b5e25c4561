"""Keys that hold a name out of a registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from chipsim.registry import Registry, taken_out


@dataclass(frozen=True, slots=True)
class NameIn:
    """Annotation of a key that holds a name out of a registry; nothing is loaded to know the names.

    What ships and has been taken out may be named: a description that does is as good as before, and whoever runs it is told.
    """

    registry: Registry[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema([*self.registry.names(), *taken_out(self.registry.group)])
