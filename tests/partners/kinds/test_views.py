"""Kinds of partner on the page of settings: words, regulated, order, put away, each with its way back."""

import json

import pytest
from django.core.management import CommandError, call_command

from partners.kinds.models import PartnerKind
from prm.tenancy.context import tenant_scope
from tests.html import shows
from tests.partners.factories import make_partner

SETTINGS = "/t/mercy/settings/"


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def kind(house, key):
    with tenant_scope(house.tenant):
        return PartnerKind.objects.get(key=key)


def url(house, key, way="set/"):
    return f"/t/mercy/partner-kinds/{kind(house, key).pk}/{way}"


def test_the_section_lists_kinds_with_what_their_portal_shows(mercy, alice):
    with tenant_scope(mercy.tenant):
        make_partner(kind="agent")
    shown = alice.get(SETTINGS).content.decode()
    assert "Portal shows counts and states" in shown
    assert "Portal shows tier and revenue too" in shown
    assert shows(shown, 'data-unit="providers">1</td>')


def test_a_kind_is_added_with_a_key_made_of_its_word(mercy, alice):
    alice.post("/t/mercy/partner-kinds/add/", {"singular": "Ambulance service", "is_organisation": "on"})
    made = kind(mercy, "ambulance_service")
    assert (made.plural, made.is_organisation, made.is_regulated) == ("Ambulance services", True, False)


@pytest.mark.parametrize("word", ["", "agent", "x" * 41, "—"])
def test_a_word_that_cannot_be_is_refused(mercy, alice, word):
    before = PartnerKind.objects.unscoped("a test counts").count()
    answer = alice.post("/t/mercy/partner-kinds/add/", {"singular": word})
    assert answer.status_code == 200
    assert PartnerKind.objects.unscoped("a test counts").count() == before


def test_regulated_is_a_button_and_undo_sets_it_back(mercy, alice):
    alice.post(url(mercy, "agent"), {"is_regulated": "true"})
    assert kind(mercy, "agent").is_regulated
    alice.post(url(mercy, "agent"), {"is_regulated": "false"})
    assert not kind(mercy, "agent").is_regulated


def test_a_kind_that_is_put_away_is_offered_to_nobody_new(mercy, alice):
    alice.post(url(mercy, "dealer"), {"is_offered": "false"})
    assert not kind(mercy, "dealer").is_offered
    assert 'value="dealer"' not in alice.get("/t/mercy/partners/add/").content.decode()
    assert "put away" in alice.get(SETTINGS).content.decode()
    alice.post(url(mercy, "dealer"), {"is_offered": "true"})
    assert kind(mercy, "dealer").is_offered


def test_kinds_move_up_and_down(mercy, alice):
    with tenant_scope(mercy.tenant):
        first, second = [one.key for one in PartnerKind.objects.all()][:2]
    alice.post(url(mercy, second), {"place": "up"})
    with tenant_scope(mercy.tenant):
        assert [one.key for one in PartnerKind.objects.all()][:2] == [second, first]
    alice.post(url(mercy, second), {"place": "up"})
    with tenant_scope(mercy.tenant):
        assert PartnerKind.objects.first().key == second


def test_words_change_everywhere_and_the_key_stays(mercy, alice):
    form = {"singular": "Broker", "plural": "Brokers", "is_offered": "on"}
    alice.post(url(mercy, "agent", ""), form)
    changed = kind(mercy, "agent")
    assert (changed.singular, changed.plural) == ("Broker", "Brokers")
    assert "Broker" in alice.get("/t/mercy/partners/add/").content.decode()


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_may_not(mercy, client_for, who):
    client = client_for(getattr(mercy, who))
    for way in ("set/", ""):
        assert client.post(url(mercy, "agent", way), {"is_regulated": "true"}).status_code == 403
    assert client.get("/t/mercy/partner-kinds/add/").status_code == 403


def test_the_command_lists_adds_changes_and_orders(mercy, capsys):
    call_command("partner_kinds", tenant="mercy", add="Clinic", organisation=True)
    call_command("partner_kinds", tenant="mercy", change="clinic", singular="Day clinic", put_away=True)
    call_command("partner_kinds", tenant="mercy", order=["clinic"])
    capsys.readouterr()
    call_command("partner_kinds", tenant="mercy", json=True)
    first = json.loads(capsys.readouterr().out)["kinds"][0]
    assert first == {
        "key": "clinic", "singular": "Day clinic", "plural": "Clinics", "is_regulated": False, "is_organisation": True,
        "is_offered": False,
    }  # fmt: skip


def test_the_command_says_what_it_cannot_do(mercy):
    with pytest.raises(CommandError, match="no kind here"):
        call_command("partner_kinds", tenant="mercy", change="nothing", regulated=True)
    with pytest.raises(CommandError, match="Say which kind"):
        call_command("partner_kinds", tenant="mercy", regulated=True)
