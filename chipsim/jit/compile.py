"""``python -m chipsim.jit.compile``: compile the units that standard input names, into the cache; see ``cold``."""

from __future__ import annotations

import json
import sys

from chipsim.jit.kernel_unit import Unit
from chipsim.jit.translate import Request


def main() -> None:
    """Compile them one by one."""
    for one in json.load(sys.stdin):
        pairs = {name: tuple((key, value) for key, value in one[name]) for name in ("constants", "dtypes", "parts")}
        Unit(Request(**(one | pairs | {"exports": tuple(one["exports"])})), False).compile()


if __name__ == "__main__":
    main()
