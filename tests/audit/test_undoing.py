"""Undo in a line of the audit trail: where the room offers one, the line does; where none is, it says why."""

import re
from contextlib import nullcontext
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.market.budgets.service import update_budget
from partners.bulk.service import change_many, undo_change
from partners.lookalikes.models import LookAlike
from partners.merges.service import merge_partners, undo_merge
from partners.share import service as share
from partners.tags.models import PartnerTag
from partners.tags.service import change_tags
from prm.accounts.middleware import actor_of
from prm.audit.trail.events import kinds
from prm.audit.trail.queries import page
from prm.audit.trail.sql import Asked
from prm.audit.trail.undoing import MAY_NOT, Stays, Undo, known, offers_for, register
from prm.company.settings.service import change_company
from prm.tenancy.context import acting_as, tenant_scope
from tests.activities import factories as activities
from tests.partners.factories import make_estimate, make_partner

PAGE = "/t/mercy/audit/"


def offers(kind, *, to=None):
    """The offers for the lines of a kind, the newest first, as a member sees them."""
    lines = page(Asked(kind=kind)).lines
    with acting_as(actor_of(to, None, "page")) if to else nullcontext():
        found = offers_for(lines)
    return [found[line.key] for line in lines]


@pytest.fixture
def alice(mercy):
    with tenant_scope(mercy.tenant):
        yield mercy.administrator


def test_every_kind_of_line_is_undone_or_says_why():
    assert set(known()) == set(kinds())


def test_a_kind_registered_twice_stops_the_start():
    with pytest.raises(ValueError, match=r"Two undos .* 'partners.partner'"):
        register([Stays("partners.partner", "Again.")])


def test_a_change_of_many_is_offered_until_it_is_taken_back(alice):
    done = change_many([make_partner("Ann").pk], action="active", values={"active": "no"})
    [offer] = offers("partners.bulkchange")
    assert offer.url == f"/t/mercy/partners/selected/{done.pk}/undo/"
    undo_change(done.pk)
    assert {one.why[:13] for one in offers("partners.bulkchange")} == {"Taken back on"}


def test_a_merge_is_offered_until_it_is_taken_back(alice):
    one, two = make_partner("Ann"), make_partner("Anne")
    merge = merge_partners(one.pk, merged_id=two.pk)
    assert {one.url for one in offers("partners.partnermerge")} == {f"/t/mercy/merges/{merge.pk}/undo/"}
    undo_merge(merge.pk)
    assert {one.why[:13] for one in offers("partners.partnermerge")} == {"Taken back on"}


@pytest.mark.parametrize("what", ["visit", "insight", "estimate", "tag"])
def test_what_was_added_is_removed_and_what_was_removed_comes_back_by_the_offer(
    mercy, alice, client_for, what
):
    partner = make_partner("Ann", rep=alice)
    makes = {
        "visit": ("activities.visit", lambda: activities.visit(partner, alice)),
        "insight": ("activities.insight", lambda: activities.insight(partner, alice)),
        "estimate": ("partners.shareestimate", lambda: make_estimate(partner, 1, 2, 3)),
        "tag": (
            "partners.partnertag",
            lambda: change_tags([partner.pk], add=["key"]) and PartnerTag.objects.get(),
        ),
    }
    kind, make = makes[what]
    model = type(make())
    browser = client_for(alice)
    for there in (False, True, False):
        offer = offers(kind, to=alice)[0]
        assert offer.url, (there, offer)
        assert browser.post(offer.url, {**offer.fields, "next": PAGE}).status_code == 302
        assert model.objects.exists() == there


def test_a_budget_update_is_offered_only_as_the_last_one(alice):
    partner = make_partner("Ann", rep=alice)
    found = activities.opportunity(partner, alice)
    assert [one.url for one in offers("activities.budgetupdate")] == [""]  # it began here
    for amount in (100_000, 120_000):
        update_budget(opportunity=found, amount=Decimal(amount), by=alice)
    newest, before, began = offers("activities.budgetupdate")
    assert newest.url and not before.url and not began.url


def test_a_question_a_pair_and_settings_are_offered_while_they_can_be(alice):
    partner, other = make_partner("Ann", rep=alice), make_partner("Anne")
    share.ask_reps([partner.pk])
    assert offers("partners.estimaterequest")[0].url.endswith("/estimates/withdraw/")
    share.withdraw_requests([partner.pk])
    assert not any(one.url for one in offers("partners.estimaterequest"))
    low, high = sorted((partner, other), key=lambda one: one.pk)
    pair = LookAlike.objects.create(first=low, second=high, score=50)
    LookAlike.objects.filter(pk=pair.pk).update(state="apart")
    assert offers("partners.lookalike")[0].url.endswith("/open/")
    change_company(name="Mercy West", by=alice)
    assert offers("company.companychange")[0].url.endswith("/undo/")


def test_who_may_not_is_told_so(mercy):
    with tenant_scope(mercy.tenant):
        partner = make_partner("Ann")
        make_estimate(partner, 1, 2, 3)
        share.ask_reps([make_partner("Ben", rep=mercy.rep).pk])
        assert offers("partners.shareestimate", to=mercy.rep)[0].url
        assert offers("partners.estimaterequest", to=mercy.rep)[0].why == MAY_NOT


def test_the_page_offers_it_and_says_why_not(mercy, alice, client_for):
    partner = make_partner("Ann")
    make_estimate(partner, 1, 2, 3)
    html = client_for(alice).get(PAGE).content.decode()
    assert re.search(r'action="/t/mercy/estimates/[\w-]+/remove/"', html)
    assert "Edit the details back" in html
    rows = client_for(alice).get("/api/v1/mercy/audit-trail/").json()["results"]
    assert [bool(row["undo"]) for row in rows if row["kind"] == "Share estimate"] == [True]


def test_offers_cost_the_same_for_one_line_and_for_many(alice):
    partner = make_partner("Ann")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            offers_for(page(Asked()).lines)
        return len(queries)

    def all_kinds(step):
        make_estimate(partner, 1, 2, 3, source=f"Source {step}")
        activities.visit(partner, alice)
        activities.insight(partner, alice)
        change_tags([partner.pk], add=[f"tag {step}"])
        change_many([partner.pk], action="kind", values={"kind": ("dealer", "agent")[step % 2]})

    all_kinds(0)
    few = cost()
    for step in range(1, 5):
        all_kinds(step)
    assert cost() == few


def test_an_undo_names_only_acts_that_there_are():
    from prm.audit.trail import undoing

    for one in map(undoing._registered.get, known()):
        assert one.why.endswith(".") if isinstance(one, Stays) else isinstance(one, Undo) and one.otherwise
