"""What orders tell in the digest."""

from datetime import timedelta

import pytest

from orders.runs.states import RunState
from prm.core.clock import now
from prm.digest.lines.queries import digest_for
from prm.tenancy.context import tenant_scope
from tests.orders.factories import import_rows, make_source


def told(house, who, key):
    with tenant_scope(house.tenant):
        found = digest_for(
            getattr(house, who), since=now() - timedelta(days=1), until=now() + timedelta(seconds=1)
        )
        return [line for section in found.sections if section.topic.key == key for line in section.lines]


@pytest.mark.parametrize(
    ("state", "details", "words"),
    [
        (RunState.FAILED, {"message": "The file is locked."}, "Failed: The file is locked."),
        (RunState.PREVIEW, {}, "Waits for your look before it is imported."),
        (RunState.DONE, {"rejected": 3}, "3 rows rejected."),
        (RunState.DONE, {}, None),
        (RunState.RUNNING, {}, None),
    ],
)
def test_imports_that_stopped_or_left_rows_out_are_told(mercy, state, details, words):
    with tenant_scope(mercy.tenant):
        file = {"name": "day.csv", "bytes": 1, "lines": 1, "stored_as": ""}
        run = make_source().runs.create(door="page", by="alice", state=state, files=[file], **details)
    lines = told(mercy, "manager", "imports")
    assert [line.words for line in lines] == ([words] if words else [])
    assert all(
        line.title == "Orders: day.csv" and line.path.endswith(f"/imports/{run.pk}/") for line in lines
    )


def test_codes_without_partner_are_counted_for_whoever_ties_orders(mercy):
    with tenant_scope(mercy.tenant):
        import_rows(
            make_source(),
            "A-1,2026-01-02,X-9,ECG,1,10",
            "A-2,2026-01-02,X-9,ECG,1,10",
            "A-3,2026-01-02,X-8,ECG,1,10",
        )
    [line] = told(mercy, "manager", "unattributed")
    assert (line.count, line.title) == (2, "2 codes of unattributed orders")
    assert told(mercy, "rep", "unattributed") == []


def test_nothing_that_waits_is_no_line(mercy):
    for key in ("unattributed", "rates", "reconciliation", "imports"):
        assert told(mercy, "administrator", key) == []
