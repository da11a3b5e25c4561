"""The neurosemantic network on the reference engine."""

from chipsim.programs.nsn.reference.cores import NsnCores

__all__ = ["NsnCores"]
