"""Calls of the command line with an installed package, one after the other in one process: `python -m tests.plugin.commands` reads them, a
list of words each, from standard input and writes exit codes and both streams to standard output. Folders are below the current one.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import Any

from chipsim.cli.app import main


def call(words: list[str]) -> dict[str, Any]:
    """A call: its exit code, and what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    json.dump([call(words) for words in json.load(sys.stdin)], sys.stdout)
