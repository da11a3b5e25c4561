"""Programs: what cores run, one folder each behind one interface."""
