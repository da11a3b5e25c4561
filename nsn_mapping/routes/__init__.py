"""Routes: who reads what, and the trees on which readings travel."""

from nsn_mapping.routes.tree import Trees, build_trees

__all__ = ["Trees", "build_trees"]
