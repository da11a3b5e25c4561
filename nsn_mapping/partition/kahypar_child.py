"""The process in which Mt-KaHyPar runs; started by ``kahypar`` as a file, so that nothing else of the project is loaded.

python kahypar_child.py NETS.npz PART.npy PRESET|SETTINGS.ini
"""

from __future__ import annotations

import sys

import numpy as np


def main(given: str, result: str, preset: str) -> None:
    """Partition the hypergraph of a file and write the parts.

    Args:
        given: archive with ``start``, ``vertices``, ``weight``, ``words`` (vertices, parts, seed) and ``epsilon``.
        result: written: int32[n].
        preset: name of a preset of the library, or a file of settings (``.ini``).
    """
    import mtkahypar

    with np.load(given) as arrays:
        (n, parts, seed), epsilon = arrays["words"].tolist(), arrays["epsilon"].item()
        start, weight = arrays["start"].tolist(), arrays["weight"].tolist()
        vertices = arrays["vertices"].tolist()
    nets = [vertices[start[i] : start[i + 1]] for i in range(len(weight))]
    del vertices, start
    library = mtkahypar.initialize(1)
    mtkahypar.set_seed(seed)
    if preset.endswith(".ini"):
        context = library.context_from_file(preset)
    else:
        context = library.context_from_preset(getattr(mtkahypar.PresetType, preset))
    context.set_partitioning_parameters(parts, epsilon, mtkahypar.Objective.KM1)
    context.logging = False
    hypergraph = library.create_hypergraph(context, n, len(nets), nets, [1] * n, weight)
    del nets
    np.save(result, np.array(hypergraph.partition(context).get_partition(), np.int32))


if __name__ == "__main__":
    main(*sys.argv[1:])
