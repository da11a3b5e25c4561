"""Readers of the users' own files: texts and event logs, each ending in a stimulus or in one clear ``WorkloadError``."""
