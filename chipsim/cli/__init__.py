"""The command line: ``app`` has the entry, one file per command, nothing heavy imported before a command needs it."""
