"""Many runs of one description: the points of a sweep in processes of their own, and the table that they come to.

``run.run_sweep`` is the entry. Everything that a sweep knows is in its folder, so it can be killed at any moment and go on later.
"""
