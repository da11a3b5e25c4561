"""What is run: networks, stimuli and the golden model. Use it through ``chipsim``."""
