"""Lowering: spec, topology, mapping and workload become frozen flat arrays, the only thing that an engine sees."""
