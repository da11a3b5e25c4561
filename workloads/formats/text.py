"""Text as a stimulus: every character is one event, one unit of event time after the one before."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chipsim.config.catalogue import source_path
from chipsim.errors import WorkloadError
from chipsim.network import END_EPISODE, END_SEGMENT, Stimulus
from workloads.formats.files import read_whole


def read_text(source_or_path: str | Path) -> str:
    """Read a text.

    Args:
        source_or_path: A ``str`` is the name of a shipped text, a ``Path`` a file of the user.

    Returns:
        The text: UTF-8 decoded, byte order mark dropped, every line end a line feed, at least one character.

    Raises:
        ConfigError: no text of that name is shipped.
        WorkloadError: the file is missing, a folder, empty, binary, too large or not UTF-8.
    """
    if isinstance(source_or_path, str):
        source_or_path = source_path(source_or_path, ".txt")
    text = read_whole(source_or_path)
    if not text:
        raise WorkloadError(f"{source_or_path}: the file holds a byte order mark and no text; check workload.path")
    return text


def text_stimulus(text: str, total: int, episode: int, where: str) -> Stimulus:
    """Turn the first characters of a text into a stimulus.

    Args:
        text: The text.
        total: Characters used, at least 0; the rest of the text is left out.
        episode: Characters in an episode, at least 1; the last episode ends with the stimulus.
        where: Where the text comes from, for the message.

    Returns:
        One item per character: code = code point, time = 0, 1, ... characters, each with ``END_SEGMENT``.

    Raises:
        WorkloadError: the text has fewer than ``total`` characters.
    """
    if len(text) < total:
        raise WorkloadError(
            f"{where}: the text has {len(text):,} characters, workload.learned + workload.symbols ask for {total:,}; "
            f"set them so that their sum is at most {len(text)}, or give a longer text"
        )
    code = np.frombuffer(text[:total].encode("utf-32-le"), dtype="<u4").astype(np.int64)
    number = np.arange(total, dtype=np.int64)
    flags = np.full(total, END_SEGMENT, dtype=np.int64)
    flags[episode - 1 :: episode] |= END_EPISODE
    flags[-1:] |= END_EPISODE
    return Stimulus(code=code, time=number, flags=flags, event=number.copy(), unit="character")
