"""The trail's page, API and command: for whom it is, what it exports, and that an export is a line itself."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from partners.directory import service as directory
from prm.accounts.keys import create_key
from prm.accounts.middleware import actor_of
from prm.audit.keeping.models import AuditExport
from prm.audit.keeping.queries import years_kept
from prm.tenancy.context import acting_as, tenant_scope
from tests.activities.factories import visit as log_visit
from tests.partners.factories import make_partner

PAGE, API = "/t/mercy/audit/", "/api/v1/mercy/audit-trail/"


@pytest.fixture
def partner(mercy):
    with tenant_scope(mercy.tenant), acting_as(actor_of(mercy.manager, None, "page")):
        partner = make_partner("Dr. Elena Marchetti", city="Salem", codes=["EM-1"])
        directory.update_partner(partner.pk, city="Boston")
    return partner


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def text_of(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_page_tells_before_and_after(partner, alice):
    html = alice.get(PAGE).content.decode()
    assert "City Salem → <b>Boston</b>" in " ".join(html.split())
    assert "Kept 7 years" in html
    assert "Bob" in html


def test_who_may_read_it(mercy, partner, client_for):
    assert client_for(mercy.manager).get(PAGE).status_code == 403
    assert client_for(mercy.rep).get(PAGE).status_code == 403
    assert client_for(mercy.manager).get(API).status_code == 403
    own = f"/t/mercy/partners/{partner.pk}/history/"
    assert client_for(mercy.manager).get(own).status_code == 200
    assert client_for(mercy.administrator).get(own).status_code == 200
    assert client_for(mercy.rep).get(own).status_code == 403


def test_a_partners_page_shows_its_own(mercy, partner, client_for):
    with tenant_scope(mercy.tenant):
        log_visit(partner, mercy.rep)
        make_partner("Somebody else", city="Timbuktu")
    own = f"/t/mercy/partners/{partner.pk}/history/"
    bob = client_for(mercy.manager)
    assert own in bob.get(f"/t/mercy/partners/{partner.pk}/").content.decode()
    html = bob.get(own).content.decode()
    assert "Visit" in html
    assert "Timbuktu" not in html
    part = bob.get(own, headers={"HX-Request": "true"}).content.decode()
    assert 'id="changes"' in part
    assert "<html" not in part
    assert own not in client_for(mercy.rep).get(f"/t/mercy/partners/{partner.pk}/").content.decode()


def test_it_is_asked_by_name_and_by_filters(partner, alice, mercy):
    assert "Boston" in alice.get(PAGE, {"q": "marchetti"}).content.decode()
    assert "No line matches" in alice.get(PAGE, {"q": "nobody of this name"}).content.decode()
    html = alice.get(PAGE, {"person": str(mercy.rep.pk)}).content.decode()
    assert "No line matches" in html
    html = alice.get(
        PAGE, {"door": "page", "kind": "partners.partner", "act": "update", "since": "2020-01-01"}
    )
    assert "Boston" in html.content.decode()
    bad = alice.get(PAGE, {"since": "2026-11-31"})
    assert bad.status_code == 400
    assert "Did you mean" in bad.content.decode()
    assert alice.get(PAGE, {"cursor": "nonsense"}).status_code == 200


def test_an_export_is_what_was_asked_for_and_a_line_itself(partner, alice, mercy):
    answer = alice.post(f"{PAGE}export/", {"format": "csv", "kind": "partners.partner"})
    rows = list(csv.DictReader(io.StringIO(text_of(answer))))
    assert [row["What happened"] for row in rows] == ["Changed", "Added"]
    assert rows[0]["Before and after"] == "City: Salem → Boston"
    assert rows[0]["Who"] == "Bob"
    with tenant_scope(mercy.tenant):
        made = AuditExport.objects.get()
    assert (made.lines, made.file_format, made.asked) == (2, "csv", "Kind of row is Partner")
    assert "2 lines as CSV" in alice.get(PAGE).content.decode()
    assert alice.post(f"{PAGE}export/", {"format": "xlsx"}).status_code == 200
    assert alice.post(f"{PAGE}export/", {"format": "exe"}).status_code == 400
    assert alice.get(f"{PAGE}export/").status_code == 405


def test_nobody_exports_without_the_right(mercy, partner, client_for):
    assert client_for(mercy.manager).post(f"{PAGE}export/", {"format": "csv"}).status_code == 403
    with tenant_scope(mercy.tenant):
        assert not AuditExport.objects.exists()


def test_how_long_it_is_kept_is_changed_on_a_sheet(alice, mercy):
    assert alice.post(f"{PAGE}kept/", {"years": "40"}).status_code == 200
    assert alice.post(f"{PAGE}kept/", {"years": "3"}).status_code == 302
    with tenant_scope(mercy.tenant):
        assert years_kept() == 3
    assert alice.post(f"{PAGE}kept/", {"years": ""}).status_code == 302
    assert "Kept for good" in alice.get(PAGE).content.decode()


def test_by_api_it_is_walked_and_kept(partner, alice, mercy, client_for):
    first = alice.get(API, {"page_size": 1, "kind": "partners.partner"}).json()
    [line] = first["results"]
    assert (line["what"], line["act"], line["door"], line["who"]) == (
        "Dr. Elena Marchetti",
        "update",
        "page",
        "Bob",
    )
    assert line["changes"] == [{"field": "city", "label": "City", "before": "Salem", "after": "Boston"}]
    second = alice.get(first["next"]).json()
    assert second["results"][0]["act"] == "insert"
    assert alice.get(second["previous"]).json()["results"] == first["results"]
    assert alice.get(API, {"row": str(partner.pk)}).json()["results"]
    for query, field in (
        ({"since": "x"}, "since"),
        ({"kind": "x"}, "kind"),
        ({"nope": "1"}, "nope"),
        ({"cursor": "x"}, "cursor"),
    ):
        bad = alice.get(API, query)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, field)
    kept = "/api/v1/mercy/audit-retention/"
    assert alice.get(kept).json() == {"years": 7}
    assert alice.put(kept, {"years": None}, content_type="application/json").json() == {"years": None}
    assert alice.put(kept, {"years": 99}, content_type="application/json").status_code == 400
    assert alice.put(kept, {"years": 1, "x": 1}, content_type="application/json").status_code == 400
    assert (
        client_for(mercy.manager).put(kept, {"years": 1}, content_type="application/json").status_code == 403
    )


def test_no_key_reads_it(mercy, client, partner):
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="Feed", scopes=["partners:read", "sync:read"], created_by=None)
    answer = client.get(API, headers={"Authorization": f"Api-Key {secret}"})
    assert answer.status_code == 403


def test_the_command_prints_it_and_says_so_in_it(partner, mercy, capsys):
    call_command("audit_trail", tenant="mercy", kind="partners.partner", person="bob@mercy.example")
    out = capsys.readouterr().out
    assert "Partner changed: City Salem → Boston" in out
    call_command("audit_trail", tenant="mercy", json=True, most=1, kind="partners.partner")
    [line] = json.loads(capsys.readouterr().out)["lines"]
    assert line["act"] == "update"
    with tenant_scope(mercy.tenant):
        assert [made.lines for made in AuditExport.objects.order_by("created_at")] == [2, 1]
    call_command("audit_trail", tenant="mercy", keep="good")
    with tenant_scope(mercy.tenant):
        assert years_kept() is None


@pytest.mark.parametrize(
    "options",
    [
        {"person": "who@x.example"},
        {"since": "x"},
        {"kind": "x"},
        {"keep": "long"},
        {"keep": "99"},
        {"most": 0},
    ],
)
def test_the_command_refuses_nonsense(mercy, options):
    with pytest.raises(CommandError):
        call_command("audit_trail", tenant="mercy", **options)
