"""Topologies that ship, one file each."""
