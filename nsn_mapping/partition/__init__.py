"""How parts are found: one algorithm per file, hard caps held by all of them. Methods by name are in ``nsn_mapping.methods``."""
