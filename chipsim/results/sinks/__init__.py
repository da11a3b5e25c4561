"""Sinks that ship, one file each: forms in which tables of a run are written."""
