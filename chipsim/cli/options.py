"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[
    str | None,
    typer.Argument(metavar="[NAME|FILE]", help="A shipped experiment, or the path of one of yours (.yaml); text by default."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a key, e.g. chip.noc.router=ideal; may be repeated."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to write.", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace the run that is in the folder.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        help="Refuse what would need more memory, e.g. 8GiB; by default 80 % of what is free.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output, all else on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]


def bytes_of(limit: str | None) -> int | None:
    """Bytes of a memory limit, None without one. Raises UsageError where it is no size."""
    if limit is None:
        return None
    from chipsim.errors import ConfigError, UsageError
    from chipsim.units import parse_memory_bits

    try:
        return parse_memory_bits(limit) // 8
    except ConfigError as error:
        raise UsageError(f"--memory-limit: {error}") from None
