"""Methods side by side on one graph, each in a process of its own, so that its peak memory and CPU time are its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import chipsim
from chipsim.errors import ChipsimError
from chipsim.pipeline.map_graph import GraphTask, map_one

_PROGRAM = "from chipsim.pipeline.compare_graph import main; main()"
_PACKAGES = Path(chipsim.__file__).resolve().parent.parent
_FAULT = 1


def compare_graph(
    task: GraphTask,
    methods: Sequence[str],
    memory_limit: int | None,
    finished: Callable[[dict[str, Any]], object],
    stage: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Map a graph by several methods, one after the other.

    Args:
        task: the graph and the mesh; its own method is not used.
        methods: their names.
        memory_limit: bytes that each may take; None for 80 % of what is free.
        finished: called with each row as soon as it is there.
        stage: told what begins, in words.

    Returns:
        A row per method: its summary with ``status`` ``done``, or ``method``, ``status`` ``failed``, ``exit_code`` and ``reason``.
    """
    rows = []
    for number, method in enumerate(methods, 1):
        stage(f"mapping by {method}, method {number} of {len(methods)}")
        row = _row(replace(task, method=method), memory_limit)
        finished(row)
        rows.append(row)
    return rows


def _row(task: GraphTask, memory_limit: int | None) -> dict[str, Any]:
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps({"task": asdict(task), "memory_limit": memory_limit}).encode() + b"\n")
            child.stdin.flush()  # and left open: a child whose input ends has lost its parent
            answer = child.stdout.read()
        except BrokenPipeError:
            answer = b""
        except BaseException:
            child.kill()
            raise
        child.stdin.close()
        code = child.wait()
    if answer:
        row: dict[str, Any] = json.loads(answer)
        return row
    how = f"ended by signal {-code}, which is what a system short of memory does" if code < 0 else f"ended with {code}"
    return {"method": task.method, "status": "failed", "exit_code": _FAULT, "reason": f"its process was {how}"}


def main() -> None:
    """Map what standard input says and print the row; nothing else reaches standard output."""
    answer = os.dup(1)
    os.dup2(2, 1)
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    task = GraphTask(**asked["task"] | {"settings": tuple(asked["task"]["settings"])})
    row: dict[str, Any] = {"method": task.method, "status": "failed"}
    try:
        row = map_one(task, asked["memory_limit"]).summary | {"status": "done"}
    except ChipsimError as error:
        row |= {"exit_code": error.exit_code, "reason": str(error)}
    except MemoryError:
        row |= {"exit_code": _FAULT, "reason": "out of memory; take a smaller graph or another method"}
    except Exception as error:
        row |= {"exit_code": _FAULT, "reason": f"{type(error).__name__}: {error}; this is a fault of chipsim"}
    with os.fdopen(answer, "wb") as stream:
        stream.write(json.dumps(row).encode())


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the parent is gone, and end in the middle of the work."""
    while os.read(0, 1):  # the buffered stream has a lock that the end of the program wants
        pass
    os._exit(_FAULT)
