"""The chip as a graph: tiles with routers, links between them, and who sits on which tile."""

from chipsim.topology.mesh import EAST, NORTH, PORTS, SOUTH, WEST, Mesh

__all__ = ["EAST", "NORTH", "PORTS", "SOUTH", "WEST", "Mesh"]
