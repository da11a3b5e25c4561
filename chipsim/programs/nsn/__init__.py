"""The neurosemantic network: its core programs, how it is lowered, what its cores keep."""

NAME = "nsn"
"""Name of the program."""
