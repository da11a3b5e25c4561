"""The entry of the command line: commands by name, and every error as one message with its exit code.

This module and the command files import nothing heavy at the top: ``chipsim --help`` is answered before numpy could be loaded.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from chipsim import __version__
from chipsim.cli.compare import compare
from chipsim.cli.complexity import complexity
from chipsim.cli.doctor import doctor
from chipsim.cli.map import map_network
from chipsim.cli.new import new
from chipsim.cli.noc import noc
from chipsim.cli.output import close_stdout, prints_aside, standard_streams
from chipsim.cli.replay import replay_run
from chipsim.cli.report import report
from chipsim.cli.run import run
from chipsim.cli.runs import runs
from chipsim.cli.scale import scale
from chipsim.cli.schema import schema
from chipsim.cli.show import show
from chipsim.cli.sweep import sweep
from chipsim.cli.validate import validate
from chipsim.errors import ChipsimError, UsageError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""

INTERNAL = 1

DEBUG = "CHIPSIM_DEBUG"
"""Environment variable that turns tracebacks and debug logging on."""

app = typer.Typer(
    name="chipsim",
    help="Emulate a neuromorphic chip that runs a neurosemantic network, and count spikes, hops, latency and energy:"
    " does 2 mW per core hold?",
    epilog="First steps: chipsim run text-small, chipsim new experiment my.yaml, chipsim show, chipsim show glossary.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("run")(prints_aside(run))
app.command("map")(prints_aside(map_network))
app.command("noc")(prints_aside(noc))
app.command("sweep")(prints_aside(sweep))
app.command("scale")(prints_aside(scale))
app.command("complexity")(prints_aside(complexity))
app.command("runs")(prints_aside(runs))
app.command("compare")(prints_aside(compare))
app.command("new")(prints_aside(new))
app.command("show")(prints_aside(show))
app.command("validate")(prints_aside(validate))
app.command("report")(prints_aside(report))
app.command("replay")(prints_aside(replay_run))
app.command("schema")(prints_aside(schema))
app.command("doctor")(prints_aside(doctor))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chipsim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of all commands; ``version`` has done its work in its callback."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(UsageError.exit_code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 2 usage, 3 configuration, 4 mapping, 5 simulation, 130 interrupted.

    Args:
        arguments: words of the command line without the program's name; those of the process by default.
    """
    debug = bool(os.environ.get(DEBUG))
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with standard_streams() as streams:
        code = _called(arguments, debug)
        sys.stdout.flush()
        lost = streams.lost()
        if lost is None:
            return code
        kept = "the command itself ran to its end" if code == 0 else "its other errors are above"
        return _fail(f"standard output: {lost}; what was to be printed is not whole, {kept}", code or UsageError.exit_code)


def process() -> int:
    """The command line as a process of its own, which stops after it; returns the exit code."""
    code = main()
    close_stdout()
    return code


def _called(arguments: Sequence[str] | None, debug: bool) -> int:
    """Run the command line and return its exit code, streams being as they should."""
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="chipsim", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except ChipsimError as error:
        if debug:
            raise
        return _fail(str(error), error.exit_code)
    except Exception as error:
        # usage errors of the parser: a public base class for them exists in no version of typer, their method does
        message = getattr(error, "format_message", None)
        if message is not None:
            return _fail(f"{str(message()).rstrip('.')}; see {_help_of(error)}", int(getattr(error, "exit_code", 2)))
        if debug:
            raise
        return _fail(
            f"{type(error).__name__}: {error}; this is a fault of chipsim: report it with the output of {DEBUG}=1", INTERNAL
        )
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        typer.echo(f"error: {message}", err=True)
    return code


def _help_of(error: Exception) -> str:
    """The command whose help explains what the parser did not understand."""
    path = getattr(getattr(error, "ctx", None), "command_path", "") or "chipsim"
    return f"{path} --help"
