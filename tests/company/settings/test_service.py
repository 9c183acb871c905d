"""A company's settings change as people say, and what follows is said before it happens."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.company.settings import service
from prm.company.settings.models import CompanyChange, CompanyLogo
from prm.company.settings.queries import currency_at, is_confirmed, waiting_change
from prm.company.settings.rules import checked
from prm.company.settings.states import ChangeState
from prm.core import clock
from prm.core.errors import Refused
from prm.tenancy.models import Tenant
from tests.company.factories import png


def fresh(house):
    return Tenant.objects.get(pk=house.tenant.pk)


def test_what_is_named_changes_and_the_change_is_kept(in_mercy):
    change = service.change_company(
        name="  Mercy   General ", order_noun="referral", order_noun_plural="referrals"
    )
    tenant = fresh(in_mercy)
    assert (tenant.name, tenant.order_noun_plural) == ("Mercy General", "referrals")
    assert change.values["name"] == ["Mercy", "Mercy General"]
    assert (change.state, change.by_name) == (ChangeState.DONE, "PRM")


def test_the_same_again_changes_nothing(in_mercy):
    assert service.change_company(name="Mercy", currency="usd") is None
    assert not CompanyChange.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "   ", "required"),
        ("name", "x" * 121, "max_length"),
        ("name", "a\x07b", "invalid"),
        ("partner_noun", "", "required"),
        ("partner_noun", "a provider", "article"),
        ("partner_noun", "12", "invalid"),
        ("order_noun", "x" * 41, "max_length"),
        ("order_noun", "Provider", "same_word"),
        ("currency", "XYZ", "unknown_currency"),
        ("currency", "", "unknown_currency"),
        ("timezone", "Mars/Olympus", "unknown_zone"),
        ("timezone", "EST5EDT", "unknown_zone"),
        ("year_starts", 0, "range"),
        ("year_starts", 13, "range"),
        ("year_starts", "٣", "range"),
        ("notation", "klingon", "invalid"),
        ("colour", "#fff", "contrast"),
        ("colour", "blue", "invalid"),
        ("slug", "other", "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(in_mercy, field, value, code):
    with pytest.raises(Refused) as refused:
        service.change_company(**{field: value})
    assert (refused.value.field, refused.value.code) == (field, code)
    assert fresh(in_mercy).name == "Mercy"


@given(st.text(max_size=60))
def test_a_word_that_is_taken_is_taken_again_as_it_is(text):
    try:
        word = checked("partner_noun", text)
    except Refused:
        return
    assert checked("partner_noun", word) == word
    assert 0 < len(word) <= 40


def test_a_change_is_undone_as_far_as_nobody_changed_it_since(in_mercy):
    change = service.change_company(partner_noun="agent", partner_noun_plural="agents")
    service.change_company(partner_noun_plural="agencies")
    service.undo_change(change.pk)
    tenant = fresh(in_mercy)
    assert (tenant.partner_noun, tenant.partner_noun_plural) == ("provider", "agencies")
    with pytest.raises(Refused, match="changed again since"):
        service.undo_change(change.pk)


def test_what_moves_figures_is_not_undone_by_the_way(in_mercy):
    change = service.change_company(timezone="Europe/London")
    with pytest.raises(Refused, match="moved figures"):
        service.undo_change(change.pk)


def test_where_nothing_rests_on_it_money_and_time_change_at_once(in_mercy):
    in_mercy.tenant.refresh_from_db()
    from partners.policy.models import StandingPolicy

    StandingPolicy.objects.update(is_confirmed=False)
    change = service.change_company(currency="EUR", timezone="Europe/Berlin", year_starts=7)
    assert change.state == ChangeState.DONE
    assert change.rate is None
    assert fresh(in_mercy).currency == "EUR"


def test_a_change_of_many_figures_waits_and_nothing_changes_until_then(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", -1)
    change = service.change_company(timezone="Europe/London")
    assert change.state == ChangeState.WAITS
    assert fresh(in_mercy).timezone == "America/New_York"
    with pytest.raises(Refused, match="being worked out"):
        service.change_company(year_starts=2)
    service.carry_out(change.pk)
    assert fresh(in_mercy).timezone == "Europe/London"
    assert waiting_change() is None
    service.carry_out(change.pk)
    assert CompanyChange.objects.count() == 1


def test_a_change_that_failed_says_why_and_lets_others_pass(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", -1)
    change = service.change_company(timezone="Europe/London")
    service.note_failure(change.pk, "It rained.")
    change.refresh_from_db()
    assert (change.state, change.message) == (ChangeState.FAILED, "It rained.")
    assert service.change_company(year_starts=2).state == ChangeState.WAITS


def test_a_currency_is_known_for_every_moment(in_mercy):
    before = clock.now()
    service.change_company(currency="EUR", rate=Decimal("0.9"), agreed=True)
    assert currency_at(before) == "USD"
    assert currency_at(clock.now()) == "EUR"


def test_somebody_has_to_look_once(in_mercy):
    assert not is_confirmed()
    service.confirm_company()
    service.confirm_company()
    assert is_confirmed()
    assert CompanyChange.objects.count() == 1


def test_a_logo_takes_the_place_of_the_one_before_and_goes(in_mercy):
    first = service.set_logo(png())
    assert fresh(in_mercy).logo == first.name
    second = service.set_logo(png(32, 32))
    assert [logo.name for logo in CompanyLogo.objects.all()] == [second.name]
    assert service.set_logo(png(32, 32)).pk == second.pk
    service.remove_logo()
    assert fresh(in_mercy).logo == ""
    assert not CompanyLogo.objects.exists()
