"""A preview as it is kept with its run, so that its page reads no file."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from orders.runs.models import ImportRun
from orders.runs.preview import Preview
from prm.core.clock import now
from prm.core.types import Json


@dataclass(frozen=True, slots=True)
class KeptPreview:
    """What was found out, when, and by which rules of the source."""

    shown: Preview
    read_at: datetime
    spec: dict[str, object]


_FORM: Final = TypeAdapter(KeptPreview)


def to_json(shown: Preview, run: ImportRun) -> Json:
    """Return a preview for the column `preview`."""
    kept = KeptPreview(shown, now(), run.source.spec)
    # PostgreSQL's JSON takes every character but NUL, and a file may hold any.
    return json.loads(_FORM.dump_json(kept).replace(rb"\u0000", "\ufffd".encode()))  # type: ignore[no-any-return]


def kept_preview(run: ImportRun) -> KeptPreview | None:
    """Return the preview of a run; None when there is none, or when the source's rules have changed since."""
    if not run.preview or run.preview.get("spec") != run.source.spec:
        return None
    return _FORM.validate_python(run.preview)
