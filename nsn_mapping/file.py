"""Mapping files: the five arrays of a ``Mapping`` in a NumPy archive, checked on load."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from chipsim.errors import ConfigError, MappingError
from chipsim.network import NsnState
from chipsim.plan.inputs import Mapping
from chipsim.topology import Mesh

FORMAT = "chipsim-mapping-1"
_ARRAYS = ("core", "slot", "roots", "fill_order")
_LARGEST = 2**31


def save_mapping(path: Path, mapping: Mapping) -> None:
    """Write a mapping to a file (``.npz``, whatever the name ends with).

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                format=np.array(FORMAT),
                method=np.array(mapping.method),
                core=mapping.core,
                slot=mapping.slot,
                roots=mapping.roots,
                fill_order=mapping.fill_order,
            )
    except OSError as error:
        raise ConfigError(f"{path}: the mapping cannot be written: {error.strerror}; choose a folder that is there") from error


def load_mapping(path: Path, state: NsnState, mesh: Mesh) -> Mapping:
    """Read a mapping and compare its sizes with the network and the chip; the limits are for ``check_contents``.

    Raises:
        ConfigError: the file is missing, unreadable or not a mapping file.
        MappingError: it was made for another network or chip.
    """
    advice = "give a file written by `chipsim map`"
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                raise ConfigError(f"{path}: not a mapping file: it does not begin like a NumPy archive (.npz); {advice}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                content = {name: archive[name] for name in (*_ARRAYS, "format", "method")}
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such mapping file; {advice}, or drop mapping.file") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path}: not a mapping file but a folder; {advice}") from error
    except KeyError as error:
        raise ConfigError(
            f"{path}: not a mapping file: {error.args[0]}; it must hold {', '.join(_ARRAYS)}; {advice}"
        ) from error
    except ConfigError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigError(f"{path}: not a mapping file ({error}); {advice}") from error
    if content["format"].shape or str(content["format"]) != FORMAT:
        raise ConfigError(f"{path}: the format is {str(content['format'])[:40]!r}, allowed is {FORMAT!r}; {advice}")
    wanted = {"core": len(state), "slot": len(state), "roots": state.layers + 2, "fill_order": mesh.cores}
    for name, length in wanted.items():
        array = content[name]
        if array.dtype.kind not in "iu":
            raise ConfigError(f"{path}: {name} holds {array.dtype}, it must hold whole numbers; {advice}")
        if array.shape != (length,):
            raise MappingError(
                f"{path}: {name} has shape {array.shape}, allowed is ({length},): the network has {len(state)} neurons on "
                f"layers 0..{state.layers}, the chip {mesh.cores} cores; it was made for another network or chip, map again"
            )
        if len(array) and (int(array.min()) < 0 or int(array.max()) >= _LARGEST):
            raise MappingError(
                f"{path}: {name} holds numbers from {array.min()} to {array.max()}, allowed are 0..{_LARGEST - 1}"
            )
    arrays = {name: content[name].astype(np.int32) for name in _ARRAYS}
    return Mapping(method=str(content["method"]), **arrays)
