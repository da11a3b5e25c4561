"""What is shipped: chips, experiments, texts and logs, found from a checkout and from an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

from chipsim.errors import ConfigError
from chipsim.registry import did_you_mean

_PACKAGE = Path(__file__).resolve().parent.parent


def configs_folder() -> Path:
    """The folder of shipped files: ``chipsim/_configs`` in a wheel, ``configs`` beside the package in a checkout.

    Raises:
        ConfigError: neither exists.
    """
    for folder in (_PACKAGE / "_configs", _PACKAGE.parent / "configs"):
        if (folder / "chips").is_dir():
            return folder
    raise ConfigError(f"{_PACKAGE}: the shipped configs are missing; install chipsim again")


def config_path(relative: str) -> Path:
    """Path of a shipped file, e.g. ``texts/docs-topics.txt``. Raises ConfigError when it is not shipped."""
    path = configs_folder() / relative
    if not path.is_file():
        raise ConfigError(f"{path}: not among the shipped files; install chipsim again")
    return path


def glossary_path() -> Path:
    """The glossary: ``chipsim/_docs`` in a wheel, ``docs`` beside the package in a checkout. Raises ConfigError where it is missing."""
    for folder in (_PACKAGE / "_docs", _PACKAGE.parent / "docs"):
        if (folder / "glossary.md").is_file():
            return folder / "glossary.md"
    raise ConfigError(f"{_PACKAGE}: the glossary is missing; install chipsim again")


def chips() -> tuple[str, ...]:
    """Names of the shipped chips."""
    return _stems("chips", ".yaml")


def experiments() -> tuple[str, ...]:
    """Names of the shipped experiments."""
    return _stems("experiments", ".yaml")


def sweeps() -> tuple[str, ...]:
    """Names of the shipped sweeps."""
    return _stems("sweeps", ".yaml")


def sources(suffix: str) -> tuple[str, ...]:
    """Names of the shipped inputs: texts (``.txt``) or logs (``.log``)."""
    return tuple(name for name in _stems("texts", suffix) if not name.endswith(".LICENSE"))


def source_path(name: str, suffix: str) -> Path:
    """File of a shipped input. Raises ConfigError with the names there are."""
    names = sources(suffix)
    if name not in names:
        what = "text" if suffix == ".txt" else "log"
        raise ConfigError(
            f"no {what} called {name!r} is shipped{did_you_mean(name, names)}; allowed: {', '.join(names)};"
            f" for a file of yours set path instead of source"
        )
    return config_path(f"texts/{name}{suffix}")


def _stems(folder: str, suffix: str) -> tuple[str, ...]:
    return tuple(sorted(path.name.removesuffix(suffix) for path in (configs_folder() / folder).glob(f"*{suffix}")))
