"""What the documentation says is held against the code: its examples run, its files, commands, columns, sizes and numbers exist."""
