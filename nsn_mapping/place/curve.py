"""A Hilbert-like curve through any rectangle of tiles: neighbours on the curve are neighbours on the chip.

The recursive construction is Cerveny's generalised Hilbert curve ("gilbert"): a rectangle is split along its longer side, in
two if it is much longer than wide, otherwise in three with a turn, with even lengths preferred so that ends meet. Steps go to
an adjacent tile; in a rectangle with an odd longer and an even shorter side one step may be diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from chipsim.topology import Mesh

Vector = tuple[int, int]


def hilbert_tiles(width: int, height: int) -> Iterator[Vector]:
    """Every (x, y) of a width x height rectangle once, from (0, 0), along the curve."""
    if width >= height:
        yield from _walk((0, 0), (width, 0), (0, height))
    else:
        yield from _walk((0, 0), (0, height), (width, 0))


def cores_along(mesh: Mesh) -> npt.NDArray[np.int32]:
    """int32[cores], all cores of a mesh in the order of the curve; the cores of a tile follow one another."""
    tiles = np.array([mesh.tile_at(x, y) for x, y in hilbert_tiles(mesh.width, mesh.height)], dtype=np.int32)
    return (tiles[:, None] * mesh.concentration + np.arange(mesh.concentration, dtype=np.int32)).reshape(-1).astype(np.int32)


def _walk(at: Vector, major: Vector, minor: Vector) -> Iterator[Vector]:
    """Cover the parallelogram at ``at`` spanned by the axis-parallel vectors ``major`` and ``minor``, along ``major``."""
    long, short = abs(major[0] + major[1]), abs(minor[0] + minor[1])
    step_major, step_minor = _unit(major), _unit(minor)
    if short == 1:
        yield from _line(at, step_major, long)
    elif long == 1:
        yield from _line(at, step_minor, short)
    elif 2 * long > 3 * short:
        half = _half(major)
        if abs(half[0] + half[1]) % 2 and long > 2:
            half = _add(half, step_major)
        yield from _walk(at, half, minor)
        yield from _walk(_add(at, half), _sub(major, half), minor)
    else:
        half = _half(minor)
        if abs(half[0] + half[1]) % 2 and short > 2:
            half = _add(half, step_minor)
        middle = _half(major)
        yield from _walk(at, half, middle)
        yield from _walk(_add(at, half), major, _sub(minor, half))
        corner = _add(_add(at, _sub(major, step_major)), _sub(half, step_minor))
        yield from _walk(corner, _negative(half), _negative(_sub(major, middle)))


def _line(at: Vector, step: Vector, length: int) -> Iterator[Vector]:
    for i in range(length):
        yield at[0] + i * step[0], at[1] + i * step[1]


def _unit(v: Vector) -> Vector:
    return (v[0] > 0) - (v[0] < 0), (v[1] > 0) - (v[1] < 0)


def _half(v: Vector) -> Vector:
    return v[0] // 2, v[1] // 2


def _add(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1]


def _sub(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1]


def _negative(v: Vector) -> Vector:
    return -v[0], -v[1]
