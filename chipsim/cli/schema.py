"""``chipsim schema``: the JSON Schemas of the file formats, for editors and other tools."""

from __future__ import annotations

from typing import Annotated

import typer

from chipsim.cli.options import Out, Quiet
from chipsim.cli.output import tell
from chipsim.errors import UsageError


def schema(
    name: Annotated[str | None, typer.Argument(metavar="[chip|experiment|sweep]", help="Print this one alone.")] = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Print JSON Schemas of the formats.

    For chip, experiment and sweep files; with --out they are written into a folder.
    """
    from chipsim.config.schema import schemas, write_schemas  # heavy, and --help must be quick
    from chipsim.registry import did_you_mean

    made = {file.removesuffix(".schema.json"): text for file, text in schemas().items()}
    if name is not None and name not in made:
        raise UsageError(f"no schema called {name!r:.40}{did_you_mean(name, made)}; allowed: {', '.join(made)}")
    if out is None:
        tell(
            made[name] if name else "{" + ",\n".join(f'"{key}": {text.rstrip()}' for key, text in made.items()) + "}",
            nl=not name,
        )
        return
    if name is not None:
        raise UsageError("--out writes all schemas; leave the name out, or print one with `chipsim schema NAME`")
    from chipsim.results.store import refused

    try:
        files = write_schemas(out)
    except OSError as error:
        raise refused(out, error) from error
    if not quiet:
        tell("\n".join(map(str, files)))
