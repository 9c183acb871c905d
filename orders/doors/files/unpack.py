"""Writes the first sheet of a workbook as rows of text, for `orders.doors.files.workbook`.

Run as a script, in a process of its own with little memory: a workbook of a few kilobytes can ask for
gigabytes (one cell in the last corner of a sheet, sizes that the archive understates), and the library
that reads workbooks then ends its process. `unpack.py FILE` writes one JSON list per row to standard
output; what is wrong goes to standard error, with exit status 1.
"""

import datetime as dt
import json
import resource
import sys
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

MEMORY: Final = 1024**3


def main() -> int:
    """Write the rows; return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0)
        # The rows begin at the sheet's first line, but at the first column that is used.
        left = [""] * (sheet.start or (0, 0))[1]
        for row in sheet.iter_rows():
            sys.stdout.write(json.dumps([*left, *map(text, row)]) + "\n")
    except (CalamineError, OSError, ValueError, IndexError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def text(value: object) -> str:
    """Return a cell as text: whole numbers without ".0", moments in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    raise SystemExit(main())
