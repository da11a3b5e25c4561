"""Network to chip: partition, place, route and check. Works before a run; what grows later follows ``Mapping.fill_order``."""

from nsn_mapping.check import check_contents, check_trees
from nsn_mapping.file import load_mapping, save_mapping
from nsn_mapping.limits import MATCHES, CoreLimits, Match
from nsn_mapping.make import map_network
from nsn_mapping.metrics import Utilisation, utilisation

__all__ = [
    "MATCHES",
    "CoreLimits",
    "Match",
    "Utilisation",
    "check_contents",
    "check_trees",
    "load_mapping",
    "map_network",
    "save_mapping",
    "utilisation",
]
