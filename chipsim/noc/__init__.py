"""The chip as a graph: tiles with routers, links between them, and who sits on which tile."""

from chipsim.noc.mesh import EAST, NORTH, PORTS, SOUTH, WEST, Mesh, mesh_of

__all__ = ["EAST", "NORTH", "PORTS", "SOUTH", "WEST", "Mesh", "mesh_of"]
