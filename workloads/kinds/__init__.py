"""Kinds of workload that ship: for each what its mapping may hold, how its input is read, and which program runs it."""
