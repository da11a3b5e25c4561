"""Writing a resolved experiment so that reading it gives the equal object."""

from __future__ import annotations

import re
from typing import Any

import yaml

from chipsim.config.experiment import Experiment

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper, with every text in quotes that YAML 1.1 or 1.2 could take for anything but text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out; an anchor helps nobody who reads."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def resolved_yaml(experiment: Experiment) -> str:
    """The experiment as YAML, chip included and quantities as text with units; loading it gives an equal object."""
    data = experiment.model_dump(mode="json", exclude_none=True)
    if experiment.mapping.file is not None:
        data["mapping"] = {"file": experiment.mapping.file}
    return yaml_text(data)


def yaml_text(data: Any) -> str:
    """Plain values as YAML that reads as the same values; keys in their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=160, allow_unicode=True)
