"""``python -m autogen_jupyter.cli`` does what ``jupyter agentchat`` does."""

import sys

from . import main

sys.exit(main())
