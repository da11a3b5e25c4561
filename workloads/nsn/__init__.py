"""The neurosemantic network in plain software."""
