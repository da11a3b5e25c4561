"""Parts for chipsim from outside of its tree, one file each."""
