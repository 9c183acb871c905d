"""Mass changes as people and programs see and decide them."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from partners.directory.models import Partner
from prm.core.ids import uuid7
from prm.salesforce.guards.models import GuardRules, HeldChange, MassChange
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.partners.factories import make_partner

MANY = 60
JSON = {"content_type": "application/json"}


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


@pytest.fixture
def mass(mercy):
    with tenant_scope(mercy.tenant):
        one = MassChange.objects.create(
            mapping="partners.partner", direction="push", kind="cleared", cause="7", records=MANY, total=200
        )
        for number in range(MANY):
            HeldChange.objects.create(
                mass=one, mapping="partners.partner", record_id=uuid7(), field="Phone", title=f"Dr. {number:02}",
                before=f"555 {number:02}",
            )  # fmt: skip
    return one


def test_the_list_has_every_record_and_who_may_decide(mercy, client_for, mass):
    admin, manager, rep = (client_for(one) for one in (mercy.administrator, mercy.manager, mercy.rep))
    text = admin.get(page("mass-changes")).content.decode()
    assert "60 of 200 partners lost a value here at once" in text
    assert "Dr. 00, Dr. 01, Dr. 02 and others" in " ".join(text.split())
    first = admin.get(page("mass-change", pk=mass.pk)).content.decode()
    assert ("Dr. 00" in first, "Dr. 59" in first, "Approve" in first) == (True, False, True)
    assert "Dr. 59" in admin.get(page("mass-change", pk=mass.pk), {"page": 2}).content.decode()
    assert "Dr. 59" in admin.get(page("mass-change", pk=mass.pk), {"q": "dr. 59"}).content.decode()
    seen = manager.get(page("mass-change", pk=mass.pk)).content.decode()
    assert ("Dr. 00" in seen, "Approve" in seen) == (True, False)
    assert manager.post(page("decide-mass", pk=mass.pk), {"do": "approve"}).status_code == 403
    assert rep.get(page("mass-changes")).status_code == 403
    assert admin.post(page("decide-mass", pk=mass.pk), {"do": "refuse"}, follow=True).status_code == 200
    with tenant_scope(mercy.tenant):
        decided = MassChange.objects.get()
        assert (decided.state, decided.decided_by != "") == ("refused", True)
    again = admin.post(page("decide-mass", pk=mass.pk), {"do": "approve"}, follow=True).content.decode()
    assert "decided it already" in again


def test_the_same_by_api(mercy, client_for, mass):
    admin, manager = client_for(mercy.administrator), client_for(mercy.manager)
    base = "/api/v1/mercy/salesforce/"
    (shown,) = manager.get(f"{base}mass-changes/").json()["results"]
    assert (shown["records"], len(shown["changes"]), shown["state"]) == (MANY, MANY, "waiting")
    assert manager.post(f"{base}mass-changes/{mass.pk}/approve/").status_code == 403
    assert admin.post(f"{base}mass-changes/{mass.pk}/approve/").json()["state"] == "approved"
    assert admin.post(f"{base}mass-changes/{mass.pk}/approve/").json()["code"] == "decided"
    assert admin.patch(f"{base}thresholds/", {"loop_times": 6}, **JSON).json()["loop_times"] == 6
    assert admin.patch(f"{base}thresholds/", {"loop_times": 0}, **JSON).status_code == 400
    assert manager.get(f"{base}thresholds/").json()["loop_times"] == 6
    with tenant_scope(mercy.tenant):
        assert GuardRules.objects.get().loop_times == 6


def test_what_waits_and_what_is_held_is_told_everywhere(mercy, client_for, server):
    """Page, API and command name the records that wait for another one, and create again what was deleted there."""
    from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
    from prm.salesforce.inbox import queries

    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.start()
    with tenant_scope(mercy.tenant):
        child, parent = make_partner("Dr. Child"), make_partner("Clinic Parent")
        Outbox.objects.all().delete()
        Outbox.objects.create(
            mapping="partners.partner",
            record_id=child.pk,
            waits_mapping="partners.partner",
            waits_id=parent.pk,
        )
        RecordLink.objects.create(
            mapping="partners.partner", record_id=parent.pk, sf_id="001000000000001", state="deleted_there"
        )
        SyncProblem.objects.create(
            mapping="partners.partner", record_id=parent.pk, title="Clinic Parent", kind="deleted_there",
            code="ENTITY_IS_DELETED", message="It was deleted.",
        )  # fmt: skip
    admin = client_for(mercy.administrator)
    text = admin.get(page("waiting")).content.decode()
    assert ("Dr. Child" in text, "partner Clinic Parent" in text) == (True, True)
    assert page("waiting") in admin.get(page("health")).content.decode()
    (row,) = admin.get("/api/v1/mercy/salesforce/waiting/").json()["results"]
    assert (row["title"], row["waits_title"]) == ("Dr. Child", "Clinic Parent")
    out = StringIO()
    call_command("salesforce_problems", "--tenant", "mercy", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert [one["waits_title"] for one in told["waiting"]] == ["Clinic Parent"]
    assert [one["title"] for one in told["problems"]] == ["Clinic Parent"]
    out = StringIO()
    call_command("salesforce_status", "--tenant", "mercy", "--json", stdout=out)
    assert json.loads(out.getvalue())["held"] == 2
    answer = admin.post("/api/v1/mercy/salesforce/problems/create-again/", {"mapping": "nothing"}, **JSON)
    assert answer.json()["errors"][0]["field"] == "mapping"
    answer = admin.post(
        "/api/v1/mercy/salesforce/problems/create-again/", {"mapping": "partners.partner"}, **JSON
    )
    assert answer.json() == {"records": 1}
    with tenant_scope(mercy.tenant):
        assert queries.deleted_there("partners.partner") == []
        assert Partner.objects.count() == 2
