"""Spiking networks and packets that are given in arrays, and networks made by rule."""

from workloads.snn.arrays import load_network
from workloads.snn.generate import generate_network
from workloads.snn.lif_network import LifNetwork, save_lif
from workloads.snn.lif_quantise import quantise_lif
from workloads.snn.sizes import Sizes, archive_steps, network_sizes, says_steps
from workloads.snn.traffic import load_traffic

__all__ = [
    "LifNetwork",
    "Sizes",
    "archive_steps",
    "generate_network",
    "load_network",
    "load_traffic",
    "network_sizes",
    "quantise_lif",
    "save_lif",
    "says_steps",
]
