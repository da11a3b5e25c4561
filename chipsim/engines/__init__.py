"""Engines: each takes a plan and returns the same ``RawRun``."""
