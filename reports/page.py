"""From a template to a page: one environment for all of them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_UNIT = re.compile(r"(?<=\d) (?=(?:%|million|billion|k|M|G|[fpnµmkMG]?(?:s|W|J|Hz|B|bit))(?![\w-]))")
"""The blank between a number and its unit."""


def rendered(template: str, **values: Any) -> str:
    """A page as text, escaped. The same values give the same bytes.

    Templates have a filter ``units`` for what people read, not for what they copy: a number and its unit stay on one line.

    Args:
        template: file below ``reports/templates``.
        values: what it names; one that is missing is an error.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["units"] = units
    return environment


def units(text: str) -> str:
    """Text in which a line does not end between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text)
