"""From a template to a page: one environment for all of them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Environment

_UNIT = re.compile(r"(?<=\d) (?=(?:%|million|billion|k|M|G|[fpnµmkMG]?(?:s|W|J|Hz|B|bit))(?![\w-]))")
"""The blank between a number and its unit."""


def rendered(template: str, **values: Any) -> str:
    """A page as text, escaped. The same values give the same bytes.

    Templates have a filter ``units`` for what people read, not for what they copy: a number and its unit stay on one line; and a filter
    ``prose`` for sentences that hold both.

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
    environment.filters["prose"] = prose
    return environment


def units(text: str) -> str:
    """Text in which a line does not end between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text)


def prose(text: str) -> Markup:
    """Sentences as HTML: what stands between two backquotes is a command, to be copied as it is; the rest as by ``units``."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a lone one is one
        return escape(units(text))
    shown = [Markup("<code>{}</code>").format(part) if place % 2 else escape(units(part)) for place, part in enumerate(parts)]
    return Markup("").join(shown)
