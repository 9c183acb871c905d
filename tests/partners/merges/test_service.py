"""Two partners become one, and two again."""

from datetime import date
from decimal import Decimal

import pytest

from activities.plans.models import CallPlan
from activities.plans.service import set_call_plan
from orders.attribution import service as attribution
from orders.book.models import Order
from orders.runs.service import take_back
from partners.directory.models import Partner, ReferralCode
from partners.directory.service import add_code, remove_code, update_partner
from partners.merges import queries
from partners.merges.models import PartnerMerge
from partners.merges.service import merge_partners, undo_merge
from partners.portal.models import PartnerAccess
from partners.portal.service import grant_access
from partners.standing.models import PartnerMonth, Standing
from partners.standing.service import recompute_requested, recompute_standings
from prm.accounts.service import add_member
from prm.core.errors import Refused
from prm.core.ids import uuid7
from tests.activities import factories as activities
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_estimate, make_partner

# Every table through which a partner has rows, and which of them are whose.
FIGURES = ("orders", "units", "revenue", "first_on", "last_on")


def months():
    """All months as (partner, month) -> figures: what must be the same after a merge was taken back."""
    return {
        (m.partner_id, m.month): tuple(getattr(m, name) for name in FIGURES)
        for m in PartnerMonth.objects.all()
    }


def whose():
    """All orders by number, with whose they are."""
    return dict(Order.objects.values_list("number", "partner_id"))


@pytest.fixture
def tenant(house, scope):
    with scope():
        yield house


@pytest.fixture
def source(tenant):
    return make_source()


@pytest.fixture
def pair(source):
    """Elena with two orders, and Eve with one; Eve's name and phone differ."""
    elena = make_partner("Dr. Elena Marchetti", codes=["E1"], city="Riverside")
    eve = make_partner("E. Marchetti, MD", codes=["E2"], phone="555 010 2217", city="Riverside")
    import_rows(source, "1,2026-05-10,E1,A,1,10", "2,2026-06-10,E1,A,1,20", "3,2026-06-11,E2,A,1,5.55")
    return elena, eve


def merge(survivor, merged, **options):
    return merge_partners(survivor.pk, merged_id=merged.pk, **options)


def test_orders_codes_and_months_become_the_survivors_to_the_penny(pair):
    elena, eve = pair
    merge(elena, eve)
    assert set(whose().values()) == {elena.pk}
    assert {code.partner_id for code in ReferralCode.objects.all()} == {elena.pk}
    assert {key: row[2] for key, row in months().items()} == {
        (elena.pk, date(2026, 5, 1)): Decimal(10),
        (elena.pk, date(2026, 6, 1)): Decimal("25.55"),
    }


def test_a_merge_taken_back_leaves_everything_as_it_was(pair, tenant):
    elena, eve = pair
    visit = activities.visit(eve, tenant.rep)
    make_estimate(eve, 100, 200, 300)
    before = (months(), whose(), set(ReferralCode.objects.values_list("pk", "partner")))
    done = merge(elena, eve)
    assert done.counts["visits"] == 1
    visit.refresh_from_db()
    assert visit.partner_id == elena.pk
    undone = undo_merge(done.pk)
    assert undone.left == []
    visit.refresh_from_db()
    assert visit.partner_id == eve.pk
    assert (months(), whose(), set(ReferralCode.objects.values_list("pk", "partner"))) == before
    assert eve.estimates.count() == 1
    assert list(elena.aliases.all()) == []


def test_the_merged_partner_is_in_no_list_and_no_sum(pair):
    elena, eve = pair
    recompute_standings()
    merge(elena, eve)
    recompute_requested()
    assert list(Partner.objects.all()) == [elena]
    assert [standing.partner_id for standing in Standing.objects.all()] == [elena.pk]
    assert Standing.objects.get().revenue_total == Decimal("35.55")


def test_after_the_undo_both_stand_as_before(pair):
    elena, eve = pair
    recompute_standings()
    before = dict(Standing.objects.values_list("partner", "revenue_total"))
    done = merge(elena, eve)
    recompute_requested()
    undo_merge(done.pk)
    recompute_requested()
    assert dict(Standing.objects.values_list("partner", "revenue_total")) == before


def test_new_orders_for_an_old_code_go_to_the_survivor_and_back_with_the_code(pair, source):
    elena, eve = pair
    done = merge(elena, eve)
    import_rows(source, "4,2026-06-12,E2,A,1,7", "5,2026-06-12,E1,A,1,8")
    assert (whose()["4"], whose()["5"]) == (elena.pk, elena.pk)
    undo_merge(done.pk)
    assert (whose()["4"], whose()["5"]) == (eve.pk, elena.pk)
    assert sum(row[2] for row in months().values()) == Decimal("50.55")


def test_an_order_of_a_code_that_was_the_survivors_by_hand_stays_theirs(pair, source):
    elena, eve = pair
    order = Order.objects.get(number="3")
    attribution.tie_orders([order.pk], partner_id=elena.pk)
    before = whose()
    undo_merge(merge(elena, eve).pk)
    assert whose() == before


def test_an_order_sent_anew_with_another_code_stays_where_that_code_is(pair, source):
    elena, eve = pair
    done = merge(elena, eve)
    import_rows(source, "3,2026-06-11,E1,A,1,5.55")
    undone = undo_merge(done.pk)
    assert whose()["3"] == elena.pk
    assert undone.left == ["1 order moved on or went since"]


def test_answers_can_still_be_taken_back_after_a_merge(pair, source):
    elena, eve = pair
    import_rows(source, "9,2026-06-12,X9,A,1,1")
    answer = attribution.tie_code("X9", partner_id=eve.pk).answer
    merge(elena, eve)
    attribution.undo_answer(answer.pk)
    assert whose()["9"] is None


def test_an_import_that_changed_orders_of_the_merged_can_still_be_taken_back(pair, source):
    elena, eve = pair
    run = import_rows(source, "3,2026-06-11,E2,A,1,6")
    done = merge(elena, eve)
    take_back(run.pk)
    order = Order.objects.get(number="3")
    assert (order.partner_id, order.amount) == (elena.pk, Decimal("5.55"))
    undo_merge(done.pk)
    assert whose()["3"] == eve.pk


def test_details_that_the_survivor_lacks_are_taken_over_and_given_back(pair):
    elena, eve = pair
    done = merge(elena, eve)
    elena.refresh_from_db()
    assert (elena.phone, elena.name) == ("555 010 2217", "Dr. Elena Marchetti")
    assert done.taken == {"phone": ["", "555 010 2217"]}
    undo_merge(done.pk)
    elena.refresh_from_db()
    assert elena.phone == ""


def test_a_detail_that_was_changed_since_stays(pair):
    elena, eve = pair
    done = merge(elena, eve, take=["name", "phone"])
    update_partner(elena.pk, phone="1")
    undone = undo_merge(done.pk)
    elena.refresh_from_db()
    assert (elena.name, elena.phone) == ("Dr. Elena Marchetti", "1")
    assert undone.left == ["phone of Dr. Elena Marchetti was changed since and stays"]


def test_of_two_plans_for_the_same_day_the_survivors_holds(pair):
    elena, eve = pair
    day = date(2026, 1, 1)
    set_call_plan(partner=elena, visits=2, valid_from=day)
    set_call_plan(partner=eve, visits=5, valid_from=day)
    set_call_plan(partner=eve, visits=1, valid_from=date(2026, 3, 1))
    done = merge(elena, eve)
    plans = CallPlan.objects.filter(partner=elena).order_by("valid_from")
    assert [plan.visits for plan in plans] == [2, 1]
    undo_merge(done.pk)
    assert sorted(CallPlan.objects.filter(partner=eve).values_list("visits", flat=True)) == [1, 5]


def test_who_signs_in_for_the_merged_sees_the_survivors_referrals(pair, tenant):
    elena, eve = pair
    member = add_member(email="eve@lakeside.example", role="partner", name="Eve")
    grant_access(member, partner=eve)
    done = merge(elena, eve)
    assert PartnerAccess.objects.get().partner_id == elena.pk
    undo_merge(done.pk)
    assert PartnerAccess.objects.get().partner_id == eve.pk


def test_members_of_an_organisation_go_with_it_and_nobody_belongs_to_itself(source):
    clinic, centre = make_partner("Clinic", kind="practice"), make_partner("Centre", kind="practice")
    doctor = make_partner("Doctor", organisation=centre)
    update_partner(clinic.pk, organisation=centre)
    done = merge(clinic, centre)
    doctor.refresh_from_db()
    clinic.refresh_from_db()
    assert (doctor.organisation_id, clinic.organisation_id) == (clinic.pk, None)
    undo_merge(done.pk)
    doctor.refresh_from_db()
    clinic.refresh_from_db()
    assert (doctor.organisation_id, clinic.organisation_id) == (centre.pk, centre.pk)


def test_an_organisation_above_by_way_of_others_is_refused(source):
    top = make_partner("Top", kind="hospital")
    middle = make_partner("Middle", kind="practice", organisation=top)
    low = make_partner("Low", kind="practice", organisation=middle)
    with pytest.raises(Refused, match="by way of others"):
        merge(low, top)
    merge(top, low)


def test_chains_are_followed_and_undone_from_their_end(pair, source):
    elena, eve = pair
    third = make_partner("Third", codes=["E3"])
    before = whose()
    first = merge(elena, eve)
    second = merge(third, elena)
    eve.refresh_from_db()
    assert queries.survivor_of(eve) == third
    with pytest.raises(Refused, match="merged into Third since"):
        undo_merge(first.pk)
    undo_merge(second.pk)
    undo_merge(first.pk)
    assert whose() == before
    with pytest.raises(Refused, match="taken back already"):
        undo_merge(first.pk)


def test_what_cannot_be_merged_is_refused_and_changes_nothing(pair):
    elena, eve = pair
    for survivor, merged, code in (
        (elena.pk, elena.pk, "same"),
        (elena.pk, uuid7(), "does_not_exist"),
        (uuid7(), eve.pk, "does_not_exist"),
    ):
        with pytest.raises(Refused) as refused:
            merge_partners(survivor, merged_id=merged)
        assert refused.value.code == code
    with pytest.raises(Refused):
        merge_partners(elena.pk, merged_id=eve.pk, take=["tier"])
    merge(elena, eve)
    for survivor, merged in ((elena, eve), (eve, elena)):
        with pytest.raises(Refused, match=r"was merged into Dr\. Elena Marchetti before"):
            merge(survivor, merged)
    assert PartnerMerge.objects.count() == 1


def test_nothing_new_is_written_for_a_merged_partner(pair):
    elena, eve = pair
    merge(elena, eve)
    with pytest.raises(Refused, match=r"merged into Dr\. Elena"):
        add_code(eve.pk, scheme="", code="NEW")
    with pytest.raises(Refused, match=r"merged into Dr\. Elena"):
        update_partner(eve.pk, phone="1")


def test_a_code_that_was_removed_since_stays_removed_and_is_named(pair):
    elena, eve = pair
    done = merge(elena, eve)
    remove_code(ReferralCode.objects.get(normal="E2").pk)
    undone = undo_merge(done.pk)
    assert undone.left == ["1 referral code moved on or went since"]
    assert whose()["3"] == eve.pk


def test_the_preview_counts_what_moves(pair):
    elena, eve = pair
    shown = queries.preview(elena.pk, eve.pk)
    rows = {row.words: (row.has, row.gets) for row in shown.rows}
    assert rows["orders"] == (2, 1)
    assert rows["referral codes"] == (1, 1)
    assert shown.together == shown.revenue + shown.gained
    assert queries.suggested(eve.pk, elena.pk) == (elena.pk, eve.pk)
