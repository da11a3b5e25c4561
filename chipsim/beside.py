"""What lies beside a file that is not there, so that a slip in its name shows."""

from __future__ import annotations

import difflib
from pathlib import Path

_MOST = 8
_ALIKE = 0.5  # from which likeness on a name may be the one that was meant


def beside(path: Path, patterns: tuple[str, ...] = ("*",)) -> str:
    """The files in the folder of a missing one, those with a name like its own first, as the end of a message; empty where none is.

    Args:
        path: the file that is missing.
        patterns: which files it could be, as for ``Path.glob``.
    """
    folder = path.parent
    try:
        found = sorted(
            {one.name for pattern in patterns for one in folder.glob(pattern) if one.is_file() and one.name[0] != "."}
        )
    except OSError:
        return ""
    if not found:
        return f"; there is no folder {folder}" if not folder.exists() else ""
    by_name = {name.lower(): name for name in reversed(found)}
    alike = [by_name[name] for name in difflib.get_close_matches(path.name.lower(), list(by_name), _MOST, _ALIKE)]
    shown = [*alike, *(name for name in found if name not in alike)][:_MOST]
    meant = f"; did you mean {alike[0]!r}?" if alike else ";"
    more = f" and {len(found) - len(shown):,} more" if len(found) > len(shown) else ""
    return f"{meant} in {folder} there are: {', '.join(shown)}{more}"
