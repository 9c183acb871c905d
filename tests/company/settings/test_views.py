"""The page of settings: what a change does is said, then done; the logo is a picture and nothing else."""

from io import BytesIO

import pytest

from orders.book.models import Order
from partners.standing.models import PartnerMonth
from prm.company.settings.models import CompanyChange
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.company.factories import png
from tests.html import shows
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

URL = "/t/mercy/settings/"
MONEY = {
    "section": "money",
    "currency": "USD",
    "timezone": "America/New_York",
    "year_starts": "1",
    "notation": "",
}


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def page(answer):
    return answer.content.decode()


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_do_not_see_it(mercy, client_for, who):
    client = client_for(getattr(mercy, who))
    assert client.get(URL).status_code == 403
    assert client.post(URL, MONEY).status_code == 403


def test_words_are_saved_used_and_set_back(mercy, alice):
    words = {
        "partner_noun": "dealer",
        "partner_noun_plural": "dealers",
        "order_noun": "case",
        "order_noun_plural": "cases",
    }
    alice.post(URL, {"section": "words", **words})
    shown = page(alice.get(URL))
    assert "12 dealers sent 143 cases" in shown
    assert shows(page(alice.get("/t/mercy/orders/")), "<h1>Cases</h1>")
    assert "Unattributed cases" in shown
    with tenant_scope(mercy.tenant):
        change = CompanyChange.objects.get()
    alice.post(f"{URL}changes/{change.pk}/undo/")
    assert "12 providers sent 143 orders" in page(alice.get(URL))


def test_what_cannot_be_stands_at_its_field(alice):
    shown = page(alice.post(URL, {"section": "company", "name": "Mercy", "colour": "#ffff00"}))
    assert "is the nearest darker one" in shown
    assert Tenant.objects.get(slug="mercy").colour == ""


def test_an_unknown_section_is_not_there(alice):
    assert alice.post(URL, {"section": "root"}).status_code == 404


def test_the_first_month_is_said_before_and_done_after(mercy, alice):
    asked = page(alice.post(URL, {**MONEY, "year_starts": "7"}))
    assert "Quarters and reviews move" in asked
    assert "Start the year in July" in asked
    assert "Keep January" in asked
    assert Tenant.objects.get(slug="mercy").year_starts == 1
    agreed = asked.partition('name="agreed" value="')[2].partition('"')[0]
    alice.post(URL, {**MONEY, "year_starts": "7", "agreed": agreed})
    assert Tenant.objects.get(slug="mercy").year_starts == 7


def test_nobody_agrees_to_something_else_by_the_same_word(mercy, alice):
    asked = page(alice.post(URL, {**MONEY, "year_starts": "7"}))
    agreed = asked.partition('name="agreed" value="')[2].partition('"')[0]
    page(alice.post(URL, {**MONEY, "year_starts": "8", "agreed": agreed}))
    assert Tenant.objects.get(slug="mercy").year_starts == 1


def test_another_currency_asks_for_the_rate_and_counts_in_it(mercy, alice):
    with tenant_scope(mercy.tenant):
        partner = make_partner(codes=["77"])
        import_rows(make_source(currency="USD"), "1,2026-05-03,77,A,1,100")
        assert Order.objects.get().partner_id == partner.pk
    asked = page(alice.post(URL, {**MONEY, "currency": "EUR"}))
    assert "1 order in USD count at your rate" in asked
    assert "One USD is worth, in EUR" in asked
    agreed = asked.partition('name="agreed" value="')[2].partition('"')[0]
    again = page(alice.post(URL, {**MONEY, "currency": "EUR", "agreed": agreed}))
    assert "Say what one USD is worth in EUR" in again
    assert "One USD is worth, in EUR" in again
    alice.post(URL, {**MONEY, "currency": "EUR", "agreed": agreed, "rate": "0.5"})
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        assert PartnerMonth.objects.get().revenue == 50


def test_the_logo_is_served_to_members_as_a_picture(mercy, anchor, alice, client_for):
    file = BytesIO(png(extra=b""))
    file.name = "logo.svg"
    alice.post(URL, {"section": "logo", "logo": file})
    name = Tenant.objects.get(slug="mercy").logo
    answer = client_for(mercy.rep).get(f"{URL}logo/{name}.png")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert f"/settings/logo/{name}.png" in page(alice.get(URL))
    assert client_for(anchor.administrator).get(f"{URL}logo/{name}.png").status_code == 404
    assert client_for(anchor.administrator).get(f"/t/anchor/settings/logo/{name}.png").status_code == 404
    alice.post(f"{URL}logo/remove/")
    assert client_for(mercy.rep).get(f"{URL}logo/{name}.png").status_code == 404


def test_a_file_that_is_no_picture_is_refused_in_words(alice):
    file = BytesIO(b"<svg onload='alert(1)'/>")
    file.name = "logo.png"
    assert "an SVG drawing or a web page" in page(alice.post(URL, {"section": "logo", "logo": file}))
    assert Tenant.objects.get(slug="mercy").logo == ""


def test_an_own_colour_is_drawn_without_a_style(mercy, alice):
    alice.post(URL, {"section": "company", "name": "Mercy", "colour": "#123456"})
    shown = page(alice.get(URL))
    assert 'fill="#123456"' in shown
    assert "style=" not in shown


def test_numbers_are_written_as_the_company_has_them_unless_a_person_chose(mercy, alice):
    alice.post(URL, {**MONEY, "notation": "de"})
    mercy.manager.user.notation = "us"
    mercy.manager.user.save()
    assert Tenant.objects.get(slug="mercy").notation == "de"
