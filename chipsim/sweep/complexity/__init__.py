"""The complexity that a neurosemantic network claims beside a transformer: closed forms, runs on real text, and what they come to."""
