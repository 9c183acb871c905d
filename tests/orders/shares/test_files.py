"""Credit that a file shares: parts from its columns, waiting codes, later versions, corrections, and taking all that back."""

from datetime import date
from decimal import Decimal

import pytest

from orders.attribution import service as attribution
from orders.book.models import Order, OrderShare
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from orders.runs import service as runs
from orders.runs.preview import preview
from orders.shares import service
from orders.shares.service import Part
from orders.sources.service import save_source
from partners.merges.service import merge_partners, undo_merge
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.work.models import Job
from tests.orders.factories import COLUMNS, csv_text, run_import
from tests.orders.pages import url
from tests.partners.factories import make_partner

HEADER = "No,Date,Code,Item,Qty,Price,Team"


@pytest.fixture
def source(in_mercy):
    return save_source(None, name="Orders", spec={"columns": COLUMNS | {"credit": "Team"}})


@pytest.fixture
def people(in_mercy):
    return [make_partner(f"Person {code}", codes=[code]) for code in ("R1", "R2")]


def bring(source, *rows):
    return run_import(source, csv_text(*rows, header=HEADER))


def months():
    return {m.partner.name[-2:]: m.revenue for m in PartnerMonth.objects.select_related("partner")}


def shares():
    return {(s.partner.name[-2:], s.percent, s.origin) for s in OrderShare.objects.select_related("partner")}


def test_parts_count_for_each_and_follow_versions_and_what_a_person_says(source, people):
    bring(source, "1,2026-05-03,,A,1,10.01,R1:60;R2:40", "1,2026-05-03,,B,1,0,")
    order = Order.objects.get()
    assert (order.code, order.partner, order.is_shared) == ("R1", people[0], True)
    assert months() == {"R1": Decimal("6.01"), "R2": Decimal("4.00")}
    assert (
        bring(source, "1,2026-05-03,,A,1,10.01,R1:60;R2:40", "1,2026-05-03,,B,1,0,").counts["wrote"] is False
    )
    with pytest.raises(Refused, match="shared as its file says"):
        attribution.tie_orders([order.pk], partner_id=people[1].pk)
    service.share_order(order.pk, [Part(one.pk, Decimal(50)) for one in people])
    bring(source, "1,2026-05-03,,A,1,20,R1:10;R2:90")
    assert months() == {"R1": 10, "R2": 10}
    service.unshare_order(order.pk)
    assert (months(), Order.objects.get().partner) == ({"R1": 2, "R2": 18}, people[1])
    later = bring(source, "1,2026-06-03,R1,A,1,30,")
    assert (months(), shares()) == ({"R1": 30}, set())
    runs.take_back(later.pk)
    assert (months(), Order.objects.get().month) == ({"R1": 2, "R2": 18}, date(2026, 5, 1))


def test_order_waits_under_a_code_that_is_nobodys_until_all_are_known(source, people):
    run = bring(source, "1,2026-05-03,,A,1,10,R1:60;X1:30;X2:10")
    assert run.counts["unattributed"] == {"orders": 1, "lines": 1, "codes": 1}
    assert [(w.code, w.amount) for w in attribution.waiting()] == [("X1", 10)] and months() == {}
    attribution.tie_code("X1", partner_id=people[1].pk)
    assert [w.code for w in attribution.waiting()] == ["X2"] and months() == {}
    attribution.tie_code("X2", partner_id=people[1].pk)
    assert (months(), Order.objects.get().code) == ({"R1": 6, "R2": 4}, "R1")
    attribution.untie_code("X1")
    assert [w.code for w in attribution.waiting()] == ["X1"] and months() == {} and shares() == set()
    runs.take_back(run.pk)
    assert not Order.objects.exists()


def test_unknown_codes_become_partners_where_the_source_says_so(in_mercy):
    source = save_source(
        None, name="Orders", spec={"columns": COLUMNS | {"credit": "Team"}, "create_partners": True}
    )
    run = bring(source, "1,2026-05-03,,A,1,10,R1:60;R2:40", "2,2026-05-03,R2,A,1,1,")
    assert (run.counts["partners"]["created"], months()) == (2, {"R1": 6, "R2": 5})


def test_what_is_no_clear_sharing_is_rejected_and_corrected(source, people):
    rows = [
        "1,2026-05-03,,A,1,10,R1:60;R2:30", "2,2026-05-03,,A,1,10,R1:60;R1:40", "3,2026-05-03,,A,1,10,R1:60;R2",
        "4,2026-05-03,,A,1,10,R1:60;R2:40", "4,2026-05-03,,B,1,10,R1:50;R2:50", "5,2026-05-03,,A,1,10,R1:x",
    ]  # fmt: skip
    run = bring(source, *rows)
    assert run.counts["rejected_by_reason"] == {
        "share_twice": 1, "share_unclear": 1, "shares_not_whole": 1, "two_codes": 1, "unknown": 1,
    } or run.counts["lines"]["rejected"] == 5  # fmt: skip
    two = RejectedLine.objects.get(reason="two_codes")
    assert "names R1 60 %, R2 40 % in line 5 and R1 50 %, R2 50 % here" in two.message
    line = RejectedLine.objects.get(reason="shares_not_whole")
    rejecting.correct(line.pk, line.raw | {"credit": "R1:60;R2:40"})
    rejecting.correct(two.pk, two.raw | {"credit": "R1:60;R2:40"})
    assert months() == {"R1": 18, "R2": 12}
    bring(source, *rows)
    assert months() == {"R1": 18, "R2": 12}


def test_two_that_become_one_share_no_more_and_share_again_afterwards(source, people):
    bring(source, "1,2026-05-03,,A,1,10,R1:60;R2:40")
    merge = merge_partners(people[0].pk, merged_id=people[1].pk)
    assert Job.objects.filter(name="orders.share_by_rules").exists()
    service.share_by_rules()
    assert (months(), shares()) == ({"R1": 10}, set())
    undo_merge(merge.pk)
    service.share_by_rules()
    assert months() == {"R1": 6, "R2": 4}


def test_preview_and_pages_say_how_it_is_shared(mercy, scope, alice, tmp_path):
    from orders.doors.files.inputs import FileInput

    with scope():
        people = [make_partner(f"Person {code}", codes=[code]) for code in ("R1", "R2")]
        source = save_source(None, name="Orders", spec={"columns": COLUMNS | {"credit": "Team"}})
        rows = ["1,2026-05-03,,A,1,10,R1:60;R2:40", "2,2026-05-03,,A,1,10,R1:60;X:40"]
        path = tmp_path / "orders.csv"
        path.write_text(csv_text(*rows, header=HEADER))
        shown = preview(source, [FileInput(path, "orders.csv")])
        assert [row.result for row in shown.rows] == [
            "New, shared: R1 60 %, R2 40 %",
            "New, unattributed: X, who shares it, is nobody’s code",
        ]
        bring(source, *rows)
        order = Order.objects.get(number="1")
    api = alice.get(f"/api/v1/mercy/orders/{order.pk}/").json()
    assert {(s["partner"], s["origin"]) for s in api["shares"]} == {(str(p.pk), "file") for p in people}
    page = alice.get(url("detail", pk=order.pk)).content.decode()
    assert "by the file" in page.lower() and "$4.00" in page
    form = alice.get(url("source-edit", pk=source.pk)).content.decode()
    assert "Credit shared between several" in form and 'value="Team"' in form
