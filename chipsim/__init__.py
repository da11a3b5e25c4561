"""chipsim: a discrete-event emulator of a neuromorphic chip that runs neurosemantic networks and counts what it costs."""

__version__ = "0.1.0"
