"""``python -m chipsim.cli``: the command line where the ``chipsim`` script is not on the path."""

import sys

from chipsim.cli.app import process

sys.exit(process())
