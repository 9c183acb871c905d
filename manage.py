#!/usr/bin/env python
"""Django's command line for PRM. Works without any set-up: see prm/local/postgres.py."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    from django.core.management import execute_from_command_line

    from prm.local.layout import LocalServiceError

    try:
        execute_from_command_line(sys.argv)
    except LocalServiceError as error:
        # Said for people: what happened to the embedded database and what to do.
        sys.exit(str(error))


if __name__ == "__main__":
    main()
