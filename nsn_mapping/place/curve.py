"""A Hilbert-like curve through any rectangle of tiles: neighbours on the curve are neighbours on the chip.

The recursive construction is Cerveny's generalised Hilbert curve ("gilbert"): a rectangle is split along its longer side, in
two if it is much longer than wide, otherwise in three with a turn, with even lengths preferred so that ends meet. Steps go to
an adjacent tile; in a rectangle with an odd longer and an even shorter side one step may be diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh

Vector = tuple[int, int]
Points = npt.NDArray[np.int32]
"""int32[tiles, 2], x and y."""


def hilbert_tiles(width: int, height: int) -> Iterator[Vector]:
    """Every (x, y) of a width x height rectangle once, from (0, 0), along the curve."""
    return ((int(x), int(y)) for x, y in hilbert_points(width, height))


def hilbert_points(width: int, height: int) -> Points:
    """As `hilbert_tiles`, as one array: int32[width * height, 2]."""
    sides = ((width, 0), (0, height)) if width >= height else ((0, height), (width, 0))
    return _walk(*sides, {})


def cores_along(mesh: Mesh) -> npt.NDArray[np.int32]:
    """int32[cores], all cores of a mesh in the order of the curve; the cores of a tile follow one another."""
    points = hilbert_points(mesh.width, mesh.height)
    tiles = mesh.tile_at(points[:, 0], points[:, 1])
    return (tiles[:, None] * mesh.concentration + np.arange(mesh.concentration, dtype=np.int32)).reshape(-1).astype(np.int32)


def _walk(major: Vector, minor: Vector, known: dict[tuple[Vector, Vector], Points]) -> Points:
    """Cover the parallelogram at (0, 0) spanned by the axis-parallel vectors ``major`` and ``minor``, along ``major``.

    Equal parallelograms have equal curves, so each is made once (``known``): the work is in proportion to the tiles.
    """
    found = known.get((major, minor))
    if found is not None:
        return found
    long, short = abs(major[0] + major[1]), abs(minor[0] + minor[1])
    step_major, step_minor = _unit(major), _unit(minor)
    if short == 1:
        points = _line(step_major, long)
    elif long == 1:
        points = _line(step_minor, short)
    elif 2 * long > 3 * short:
        half = _half(major)
        if abs(half[0] + half[1]) % 2 and long > 2:
            half = _add(half, step_major)
        points = np.concatenate([_walk(half, minor, known), _at(half, _walk(_sub(major, half), minor, known))])
    else:
        half = _half(minor)
        if abs(half[0] + half[1]) % 2 and short > 2:
            half = _add(half, step_minor)
        middle = _half(major)
        corner = _add(_sub(major, step_major), _sub(half, step_minor))
        points = np.concatenate(
            [
                _walk(half, middle, known),
                _at(half, _walk(major, _sub(minor, half), known)),
                _at(corner, _walk(_negative(half), _negative(_sub(major, middle)), known)),
            ]
        )
    known[major, minor] = points
    return points


def _at(origin: Vector, points: Points) -> Points:
    return points + np.array(origin, np.int32)


def _line(step: Vector, length: int) -> Points:
    return np.arange(length, dtype=np.int32)[:, None] * np.array(step, np.int32)


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
