"""The pages, the API and the command by which partners are merged, and merges taken back."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from partners.directory.models import Partner
from partners.merges.models import PartnerMerge
from partners.merges.service import merge_partners
from tests.partners.factories import make_partner


@pytest.fixture
def pair(house, scope):
    with scope():
        return make_partner("Dr. Elena Marchetti", codes=["E1"]), make_partner(
            "E. Marchetti, MD", codes=["E2"], phone="555 010 2217"
        )


@pytest.fixture
def client(house):
    client = Client()
    client.force_login(house.manager.user)
    return client


def page(path):
    return f"/t/mercy/{path}"


def api(path):
    return f"/api/v1/mercy/{path}"


def call(*options):
    out = StringIO()
    call_command("merge_partners", "--tenant", "mercy", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_a_person_chooses_sees_what_moves_merges_and_takes_it_back(pair, client, scope):
    elena, eve = pair
    menu = client.get(page(f"partners/{elena.pk}/"))
    assert f"/partners/{elena.pk}/merge/" in menu.content.decode()
    chosen = client.post(page(f"partners/{elena.pk}/merge/"), {"other": eve.pk})
    assert chosen.status_code == 302
    shown = client.get(chosen.url).content.decode()
    assert "Referral codes" in shown
    assert "555 010 2217" in shown
    done = client.post(page(f"partners/{elena.pk}/merge/{eve.pk}/"), {"stays_phone": "merged"}, follow=True)
    assert "E. Marchetti, MD was merged into Dr. Elena Marchetti." in done.content.decode()
    assert "Also known as" in done.content.decode()
    with scope():
        merge = PartnerMerge.objects.get()
        assert Partner.objects.get().phone == "555 010 2217"
    assert "E. Marchetti, MD into Dr. Elena Marchetti" in client.get(page("merges/")).content.decode()
    undone = client.post(page(f"merges/{merge.pk}/undo/"), follow=True).content.decode()
    assert "Everything is back." in undone
    with scope():
        assert Partner.objects.count() == 2


def test_the_page_of_the_merged_leads_to_the_survivors(pair, client, scope):
    elena, eve = pair
    with scope():
        merge_partners(elena.pk, merged_id=eve.pk)
    answer = client.get(page(f"partners/{eve.pk}/"), follow=True)
    assert answer.redirect_chain[-1][0] == page(f"partners/{elena.pk}/")
    assert "E. Marchetti, MD was merged into Dr. Elena Marchetti." in answer.content.decode()
    # An address kept from before the merge leads on, and says why.
    again = client.get(page(f"partners/{elena.pk}/merge/{eve.pk}/"), follow=True)
    assert "was merged into Dr. Elena Marchetti before" in again.content.decode()


def test_a_rep_neither_sees_nor_may_it(pair, house):
    elena, eve = pair
    rep = Client()
    rep.force_login(house.rep.user)
    assert "/merge/" not in rep.get(page(f"partners/{elena.pk}/")).content.decode()
    for answer in (
        rep.get(page("merges/")),
        rep.post(page(f"partners/{elena.pk}/merge/{eve.pk}/")),
        rep.get(api("partner-merges/")),
        rep.post(api("partner-merges/"), {"survivor": elena.pk, "merged": eve.pk}),
    ):
        assert answer.status_code == 403


def test_by_api(pair, client):
    elena, eve = pair
    both = {"survivor": str(elena.pk), "merged": str(eve.pk)}
    shown = client.post(api("partner-merges/preview/"), both, content_type="application/json").json()
    assert {"words": "referral codes", "has": 1, "gets": 1} in shown["rows"]
    made = client.post(api("partner-merges/"), both | {"take": []}, content_type="application/json")
    assert (made.status_code, made.json()["taken"]) == (201, {})
    gone = client.get(api(f"partners/{eve.pk}/"))
    assert (gone.status_code, gone.json()["code"]) == (400, "merged")
    assert str(elena.pk) in gone.json()["detail"]
    again = client.post(api("partner-merges/"), both, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (400, "merged")
    undone = client.post(api(f"partner-merges/{made.json()['id']}/undo/"))
    assert undone.json()["undone_at"]
    twice = client.post(api(f"partner-merges/{made.json()['id']}/undo/"))
    assert (twice.status_code, twice.json()["code"]) == (400, "undone")


def test_another_tenants_partner_does_not_exist(pair, client, anchor):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(anchor.tenant):
        stranger = make_partner("Stranger")
    elena, _ = pair
    both = {"survivor": str(elena.pk), "merged": str(stranger.pk)}
    answer = client.post(api("partner-merges/"), both, content_type="application/json")
    assert answer.status_code == 400
    assert "Stranger" not in answer.content.decode()
    assert client.get(page(f"partners/{elena.pk}/merge/{stranger.pk}/")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_by_command(mercy):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(mercy.tenant):
        make_partner("Elena", codes=["E1"])
        make_partner("Eve", codes=["E2"])
    assert call("--into", "E1", "--merge", "Eve", "--preview")["moves"] == {"referral codes": 1}
    merge = call("--into", "E1", "--merge", "E2")["merge"]
    assert call("--list")["merges"][0]["merged"] == "Eve"
    assert call("--undo", merge)["left"] == []
    with pytest.raises(CommandError, match="No partner has"):
        call("--into", "E1", "--merge", "Nobody")
    with pytest.raises(CommandError, match="two different"):
        call("--into", "E1", "--merge", "Elena")
