"""Reports of finished runs: figures, one self-contained HTML page, and a Markdown twin for code review.

A report reads a run folder and nothing else, so it can be made again at any time and on any machine.
"""
