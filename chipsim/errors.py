"""The errors that chipsim raises on purpose, and the exit code that each ends a command with.

Every message says where, what was found, what is allowed and what to do next; nothing here is ever shown with a traceback.
"""

from __future__ import annotations


class ChipsimError(Exception):
    """Base of all errors that are part of the product."""

    exit_code = 1


class UsageError(ChipsimError, ValueError):
    """The command line asks for something that does not exist or contradicts itself."""

    exit_code = 2


class ConfigError(ChipsimError, ValueError):
    """A description (chip, experiment, mapping file) is malformed or names something unknown."""

    exit_code = 3


class WorkloadError(ConfigError):
    """An input (text, log, network) cannot be read as what the experiment says it is."""


class PluginError(ConfigError):
    """An installed package offers a part (a program, a kind of workload, a topology, ...) that cannot be used."""


class MappingError(ChipsimError, ValueError):
    """The network does not fit the chip; the message names core, resource, used and allowed."""

    exit_code = 4


class SimulationError(ChipsimError, RuntimeError):
    """A run broke a law of the model (conservation, overflow) or cannot go on."""

    exit_code = 5


class DeadlockError(SimulationError):
    """Somebody waits for a message that will never come; the message names what was waited for."""
