#!/usr/bin/env python
"""Django's command line for PRM. Works without any set-up: see prm/local/prepare.py."""

import os
import sys
from importlib.util import find_spec

from prm import env


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    if (env.words("PRM_EMBEDDED") or not env.text("DATABASE_URL")) and find_spec("prm.local"):
        from prm.local.prepare import before_command  # before settings read the environment

        before_command(sys.argv[1:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
