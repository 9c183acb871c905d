"""A study as it is kept with its sample, so that the page of choices reads no file."""

import json
from typing import Final

from pydantic import TypeAdapter

from orders.proof.study import Study
from prm.core.types import Json

_FORM: Final = TypeAdapter(Study)


def to_json(found: Study) -> Json:
    """Return a study for the column `study`."""
    # PostgreSQL's JSON takes every character but NUL, and a file may hold any.
    return json.loads(_FORM.dump_json(found).replace(rb"\u0000", "\ufffd".encode()))  # type: ignore[no-any-return]


def from_json(kept: Json) -> Study:
    """Return the study that was kept."""
    return _FORM.validate_python(kept)
