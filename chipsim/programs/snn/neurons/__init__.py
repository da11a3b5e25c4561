"""Neuron models that ship, one file each; what a model is says ``chipsim.network.neurons``."""
