"""The accounting of a run, as it is kept and printed."""

import json
from dataclasses import replace

import pytest

from orders.runs.result import Lines, months_held
from tests.orders.factories import import_rows, make_source


def test_lines_that_are_lost_or_counted_twice_stop_the_import():
    Lines(read=5, stored=1, repeated=1, unchanged=1, superseded=1, rejected=1).check()
    for wrong in (replace(Lines(read=5, stored=5), stored=4), Lines(read=5, stored=5, rejected=1)):
        with pytest.raises(AssertionError, match="5 lines were read, but"):
            wrong.check()


def test_counts_are_plain_json_with_money_as_text(in_mercy):
    counts = import_rows(make_source(create_partners=True), "1,2026-05-03,77,A,1,10", "2,bad,,A,1,1").counts
    assert json.loads(json.dumps(counts)) == counts
    assert set(counts) == {
        "lines", "orders", "partners", "unattributed", "months", "rejected_by_reason", "rejected_new", "wrote",
        "left_out_by",
        "seconds", "peak_memory_mb",
    }  # fmt: skip
    assert counts["months"] == {"partner_months": 1, "revenue": "10.0000"}
    assert counts["rejected_by_reason"] == {"date_unreadable": 1}


def test_overflown_orders_are_rejected_and_not_superseded(in_mercy):
    counts = import_rows(
        make_source(), "1,2026-05-03,,A,999999999,999999999999", "2,2026-05-03,,A,1,1"
    ).counts
    assert counts["orders"]["superseded"] == counts["lines"]["superseded"] == 0
    assert counts["lines"]["rejected"] == 1


def test_tenant_without_months_has_none(in_mercy):
    held = months_held()
    assert (held.partner_months, held.revenue) == (0, "0")
