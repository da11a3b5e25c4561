"""What a word on the command line stands for: a shipped experiment or chip, a file of the user's, a run folder."""

from __future__ import annotations

from pathlib import Path

from chipsim.config import catalogue
from chipsim.config.yaml12 import read_document
from chipsim.errors import ConfigError, UsageError
from chipsim.registry import did_you_mean

_SUFFIXES = (".yaml", ".yml", ".json")


def is_path(name: str) -> bool:
    """Whether a word is meant as a path, by the same rule as everywhere names are read."""
    return "/" in name or "\\" in name or name.endswith(_SUFFIXES)


def describes_chip(name: str) -> bool:
    """Whether a name or file is a chip and not an experiment; what cannot be read is taken for an experiment."""
    if not is_path(name):
        return name in catalogue.chips()
    try:
        value = read_document(Path(name).expanduser()).value
    except (ConfigError, RuntimeError):
        return False  # reading it as an experiment will say what is wrong
    return isinstance(value, dict) and not {"workload", "grid"} & value.keys() and ("noc" in value or "base" in value)


def describes_sweep(name: str) -> bool:
    """Whether a name or file is a sweep and not an experiment."""
    if not is_path(name):
        return name in catalogue.sweeps()
    try:
        value = read_document(Path(name).expanduser()).value
    except (ConfigError, RuntimeError):
        return False  # reading it as an experiment will say what is wrong
    return isinstance(value, dict) and "grid" in value and "workload" not in value


def is_run_folder(name: str) -> bool:
    """Whether a word is the path of a folder that holds a run."""
    return (Path(name) / "summary.json").is_file()


def shipped_file(name: str) -> Path:
    """The commented file of a shipped experiment, chip or sweep.

    Raises:
        UsageError: nothing of that name is shipped.
    """
    shipped = {"experiments": catalogue.experiments(), "chips": catalogue.chips(), "sweeps": catalogue.sweeps()}
    for folder, names in shipped.items():
        if name in names:
            return catalogue.config_path(f"{folder}/{name}.yaml")
    names = tuple(name for group in shipped.values() for name in group)
    raise UsageError(
        f"no experiment, chip or sweep called {name!r:.60}{did_you_mean(name, names)}; allowed: {', '.join(names)}"
    )


def comment_of(path: Path) -> str:
    """The first lines of comment of a file, without the editor's, as one text; lines that show a command are left out."""
    words: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.removeprefix("#")
        if not text.strip() or text.startswith(("  ", " yaml-language-server")):
            if words:
                break
            continue
        words.append(text.strip())
    return " ".join(words)
