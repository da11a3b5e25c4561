"""Mappers: how networks of one sort come onto the cores of a chip, as an experiment asks; programs name the one for theirs."""
