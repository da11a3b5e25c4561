"""Spiking networks onto cores: parts by given cores, in order, at random or cut by METIS, then placed."""

from nsn_mapping.spiking.make import map_spiking

__all__ = ["map_spiking"]
