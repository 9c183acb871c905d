#!/usr/bin/env python
"""Django's command line for PRM. Works without any set-up: see prm/local/prepare.py."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    from django.core.management import execute_from_command_line

    from prm.local.layout import LocalServiceError
    from prm.local.prepare import before_command

    try:
        before_command(sys.argv[1:])
        execute_from_command_line(sys.argv)
    except LocalServiceError as error:
        # Said for people: what happened to the embedded database and what to do.
        sys.exit(str(error))


if __name__ == "__main__":
    main()
