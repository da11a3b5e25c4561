"""Routings that ship, one file each; the functions of those without a table are in `chipsim.noc.routing`."""
