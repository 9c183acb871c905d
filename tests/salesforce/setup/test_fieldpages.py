"""The page of the field mapping, and the same by API."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from partners.directory.service import create_partner
from prm.salesforce.fieldmap import service
from prm.salesforce.mapping.models import MappingVersion
from prm.salesforce.setup import errands
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.salesforce.conftest import There
from tests.salesforce.fieldmap.conftest import own_field

API = "/api/v1/mercy/salesforce/mapping/"
PARTNER = "partners.partner"


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


def row_page(name, row, key=PARTNER):
    return f"{page(name)}?object={key}&row={row}"


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def there(mercy, server):
    """Connected, with a restricted list of the organisation's own that lacks what a partner has here."""
    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.set_up()
        found = There(server)
        own_field(found, "Account", "Field__c", "Picklist", ["Heart", "Brain"], label="Medical field")
        service.read_objects()
        create_partner(name="Elena", kind="physician", specialty="Cardiology")
    return found


def perform(mercy, kind):
    with bound_tenant(mercy.tenant):
        errands.perform(kind)


def test_as_delivered_without_a_connection(mercy, client_for):
    shown = text_of(client_for(mercy.administrator).get(page("mapping")))
    assert "Version 1, as delivered" in shown
    assert "Nobody has read yet what fields Account has." in shown
    assert "PRM_Specialty__c" in shown and "both ways" in shown


def test_every_kind_of_record_has_its_tab(mercy, client_for, there):
    client = client_for(mercy.administrator)
    for key in ("orders.order", "activities.insight", "activities.meeting"):
        assert client.get(page("mapping"), {"object": key}).status_code == 200
    assert client.get(page("mapping"), {"object": "no.such"}).status_code == 404


def test_a_row_is_chosen_its_problem_shown_and_cured_and_put_in_force(mercy, client_for, there):
    client = client_for(mercy.administrator)
    form = text_of(client.get(row_page("mapping-field", "specialty")))
    assert "Medical field (Field__c), picklist of 2, only these" in form
    body = {
        "there": "Field__c",
        "direction": "push",
        "way": "as_is",
        "winner": "ask",
        "table": "",
        "default": "",
    }
    assert client.post(row_page("mapping-field", "specialty"), body).status_code == 302
    shown = text_of(client.get(page("mapping")))
    assert "Draft of version 2, nothing changes yet" in shown and "1 problem first" in shown
    assert "“Cardiology” is not among the 2 values. 1 record would be held." in shown
    client.post(page("mapping-decide"), {"do": "force"})
    with tenant_scope(mercy.tenant):
        assert MappingVersion.objects.get().state == "draft"
    client.post(
        row_page("mapping-value", "specialty"), {"ours": "Cardiology", "theirs": "Heart", "do": "use"}
    )
    shown = text_of(client.get(page("mapping")))
    assert "first" not in shown.split("Versions")[0].split("<main")[-1].split("</header>")[0]
    client.post(page("mapping-decide"), {"do": "force", "object": PARTNER})
    shown = text_of(client.get(page("mapping")))
    assert "Version 2, in force" in shown and "Specialty in Field__c instead of PRM_Specialty__c." in shown
    assert "Back to this" in shown
    client.post(page("mapping-back"), {"number": "1"})
    assert "Draft of version 3" in text_of(client.get(page("mapping")))
    client.post(page("mapping-decide"), {"do": "discard"})
    assert "Version 2, in force" in text_of(client.get(page("mapping")))


def test_sending_a_value_empty(mercy, client_for, there):
    client = client_for(mercy.administrator)
    client.post(row_page("mapping-value", "specialty"), {"ours": "Cardiology", "do": "empty"})
    with tenant_scope(mercy.tenant):
        assert service.drafted().of(PARTNER).fields["specialty"].table == (("Cardiology", ""),)


def test_values_are_typed_one_a_line(mercy, client_for, there):
    client = client_for(mercy.administrator)
    body = {
        "there": "PRM_Specialty__c",
        "direction": "both",
        "way": "upper",
        "winner": "newest",
        "default": "None",
    }
    bad = client.post(row_page("mapping-field", "specialty"), {**body, "table": "Cardiology"})
    assert bad.status_code == 200 and "Line 1: write ours = theirs." in text_of(bad)
    client.post(row_page("mapping-field", "specialty"), {**body, "table": "Cardiology = Heart\n\nSleep ="})
    with tenant_scope(mercy.tenant):
        choice = service.drafted().of(PARTNER).fields["specialty"]
    assert choice.table == (("Cardiology", "Heart"), ("Sleep", ""))
    assert (choice.way.value, choice.winner.value, choice.default) == ("upper", "newest", "None")
    assert "Cardiology = Heart" in client.get(row_page("mapping-field", "specialty")).content.decode()


def test_a_reference_has_no_values(mercy, client_for, there):
    form = text_of(client_for(mercy.administrator).get(row_page("mapping-field", "organisation")))
    assert "ParentId" in form and "One a line" not in form


def test_a_constant_an_object_and_a_file(mercy, client_for, there):
    client = client_for(mercy.administrator)
    assert "Medical field (Field__c)" in text_of(client.get(row_page("mapping-constant", "")))
    client.post(row_page("mapping-constant", "Field__c"), {"there": "Field__c", "value": "Brain"})
    assert "always “Brain”" in text_of(client.get(page("mapping")))
    bad = client.post(row_page("mapping-object", "", "activities.insight"), {"sobject": "no object"})
    assert "Write the API name of an object" in text_of(bad)
    client.post(row_page("mapping-object", "", "activities.insight"), {"sobject": "Deal__c"})
    shown = text_of(client.get(page("mapping"), {"object": "activities.insight"}))
    assert "Deal__c" in shown
    document = client.get(page("mapping-file"))
    assert document["Content-Disposition"].endswith('salesforce-mapping-mercy.json"')
    client.post(page("mapping-decide"), {"do": "discard"})
    file = SimpleUploadedFile("m.json", document.content, "application/json")
    assert client.post(page("mapping-load"), {"file": file}).status_code == 302
    assert "always “Brain”" in text_of(client.get(page("mapping")))
    broken = client.post(page("mapping-load"), {"file": SimpleUploadedFile("m.json", b"{")})
    assert broken.status_code == 200 and "no JSON" in text_of(broken)


def test_a_worker_reads_and_tries(mercy, client_for, there):
    client = client_for(mercy.administrator)
    assert client.post(page("mapping-decide"), {"do": "read"}).url == page("errand", kind="describe")
    perform(mercy, "describe")
    assert client.get(page("errand", kind="describe")).url == page("mapping")
    assert "Nothing tried yet" in text_of(client.get(page("mapping-try")))
    client.post(row_page("mapping-constant", "Field__c"), {"there": "Field__c", "value": "Brain"})
    assert client.post(page("mapping-decide"), {"do": "try"}).url == page("errand", kind="try_map")
    perform(mercy, "try_map")
    assert client.get(page("errand", kind="try_map")).url == page("mapping-try")
    shown = text_of(client.get(page("mapping-try")))
    assert "Put in force, this mapping would create 1 record." in shown
    client.post(row_page("mapping-constant", "Field__c"), {"there": "Field__c", "value": "Heart"})
    assert "The draft was changed since." in text_of(client.get(page("mapping-try")))


@pytest.mark.parametrize("do", ["", "burn"])
def test_nonsense_is_not_found(mercy, client_for, do):
    client = client_for(mercy.administrator)
    assert client.post(page("mapping-decide"), {"do": do}).status_code == 404
    assert client.post(page("mapping-back"), {"number": do}).status_code == 404
    assert client.get(row_page("mapping-field", "shoe")).status_code == 404
    assert client.get(row_page("mapping-constant", "", "no.such")).status_code == 404


def test_a_manager_sees_and_does_not_choose(mercy, client_for, there):
    client = client_for(mercy.manager)
    shown = text_of(client.get(page("mapping")))
    assert "PRM_Specialty__c" in shown and "Map a field" not in shown and ">Change<" not in shown
    assert client.get(page("mapping-file")).status_code == 200
    for name in ("mapping-decide", "mapping-value"):
        assert client.post(page(name), {"do": "force"}).status_code == 403
    for name in ("mapping-field", "mapping-constant", "mapping-object", "mapping-load", "mapping-try"):
        assert client.get(page(name)).status_code == 403
    assert client_for(mercy.rep).get(page("mapping")).status_code == 403


def test_the_same_by_api(mercy, client_for, there):
    client = client_for(mercy.administrator)
    found = client.get(API).json()
    assert (found["draft"], found["in_force"], found["problems"]) == (None, 1, [])
    partners = found["objects"][0]
    assert partners["mapping"] == PARTNER and partners["sobject"] == "Account"
    document = {"objects": {PARTNER: {"fields": {"specialty": {"there": "Field__c", "direction": "push"}}}}}
    drafted = client.put(API, json.dumps(document), content_type="application/json").json()
    assert drafted["draft"] == 2 and "is not among the 2 values" in drafted["problems"][0]
    refused = client.post(f"{API}force/")
    assert refused.json()["code"] == "problems"
    document["objects"][PARTNER]["fields"]["specialty"]["table"] = [["Cardiology", "Heart"]]
    assert client.put(API, json.dumps(document), content_type="application/json").json()["problems"] == []
    assert client.post(f"{API}force/").json()["state"] == "in_force"
    assert client.post(f"{API}back/", {"number": 1}, content_type="application/json").json()["draft"] == 3
    again = client.post(f"{API}back/", {"number": 1}, content_type="application/json")
    assert again.json()["code"] == "draft_open"
    assert client.delete(API).json()["draft"] is None
    (version,) = client.get(f"{API}versions/").json()["results"]
    assert version["content"]["objects"][PARTNER]["fields"]["specialty"]["there"] == "Field__c"
    assert client.post(f"{API}describe/").status_code == 202
    assert client.get(f"{API}try/").json()["code"] == "not_asked"
    assert client.post(f"{API}try/").status_code == 202
    bad = client.put(
        API, json.dumps({"objects": {"no.such": {"sobject": "A"}}}), content_type="application/json"
    )
    assert bad.status_code == 400 and "No mapping is called" in bad.json()["detail"]


def test_kinds_are_kept_as_business_or_person_accounts(mercy, client_for, there):
    """By page, and the same by API; what the organisation lacks is said with what to turn on there."""
    admin = client_for(mercy.administrator)
    there.org.features.turn(
        {
            "record_types": [
                {"object": "Account", "name": "Clinic"},
                {"object": "Account", "name": "Old", "active": False},
            ]
        }
    )
    with bound_tenant(mercy.tenant):
        service.read_objects()
    url = f"{page('mapping-kinds')}?object={PARTNER}"
    form = admin.get(url).context["form"]
    assert [name for name, _words in form.fields["type_0"].choices] == ["", "Clinic"]
    place = [sort for sort, _words in form.sorts].index("physician")
    sent = {f"account_{each}": "business" for each in range(len(form.sorts))}
    assert admin.post(url, {**sent, f"account_{place}": "person", f"type_{place}": "None"}).status_code == 200
    admin.post(url, {**sent, f"account_{place}": "person"})
    shown = text_of(admin.get(page("mapping")))
    assert "Physician as <strong>person accounts</strong>" in shown
    assert (
        "The organisation has no person accounts" in shown and "Setup, Person Accounts turns them on" in shown
    )
    said = admin.get(API).json()
    kinds = {"physician": {"account": "person"}}
    assert said["document"]["objects"][PARTNER]["kinds"] == kinds
    assert {"kind": "Physician", "kept_as": "person accounts"} in said["objects"][0]["kinds"]
    document = {"objects": {PARTNER: {"kinds": {"practice": {"record_type": "Old"}}}}}
    found = admin.put(API, json.dumps(document), content_type="application/json").json()
    assert "the record type “Old” is inactive" in found["problems"][0]
    assert "person" not in found["document"]["objects"][PARTNER]["kinds"]
