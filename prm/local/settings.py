"""`prm.settings` in the newcomer's environment, for tools that load settings by themselves (pytest, mypy, benches)."""

import os

from prm.local import environment

environment.complete(os.environ)

from prm.settings import *  # noqa: E402, F403 - what it reads must be there first
