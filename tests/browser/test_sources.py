"""A European export goes in without a format typed: one upload, one page of choices, one import."""

import re
from decimal import Decimal

from playwright.sync_api import expect

from orders.sources.models import OrderSource
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests import axe
from tests.browser.conftest import DESK, PHONE

ROWS = [
    f"R-{50_000 + n // 2};{n // 2 % 28 + 1:02}.{n // 2 % 11 + 1:02}.2026;{n // 2 % 9 + 1:010};Praxis Müller-Groß;CT{n % 3};"
    f"1.250;1.{n:03},56;{'erledigt' if n % 2 == 0 else ''};Meier"
    for n in range(60)
]
EXPORT = "\r\n".join(
    [
        "Umsatzbericht Radiologie 2026",
        "AUFTRNR;DATUM;ZUW_NR;ZUWEISERNAME;LEISTUNG;MENGE;BETRAG;STATUS;PAT_NAME",
        *ROWS,
        "Summe;;;;;;61.803,60;;",
    ]
)


def test_a_european_export_goes_in_without_a_format_typed(visit):
    visitor = visit(DESK)
    page = visitor.page
    visitor.sign_in("admin@mercy.example")
    visitor.go("/t/mercy/orders/sources/sample/")
    visitor.check()
    page.get_by_label("File").set_input_files(
        {"name": "radiologie_2026.csv", "mimeType": "text/csv", "buffer": EXPORT.encode("cp1252")}
    )
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="New from radiologie_2026.csv")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Windows-1252")
    expect(page.locator("aside")).to_contain_text("agrees")
    visitor.check()
    visitor.picture("sample-desk-light")
    page.get_by_role("radio", name=re.compile("Decimal point")).check()
    page.get_by_role("button", name="Use these readings").click()
    expect(page.get_by_role("heading", name="radiologie_2026.csv")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^Import 60 rows"))).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Import 60 rows")).click()
    expect(page.locator("main")).to_contain_text("60 rows read: 60 stored")
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        source = OrderSource.objects.get(name="Radiologie")
        assert source.orders.count() == 30
        assert sum(order.amount for order in source.orders.all()) == Decimal("61803.60")
        assert {order.state for order in source.orders.all()} == {"completed"}
        line = source.orders.first().lines.first()
        assert line.quantity == Decimal("1.25")
    assert visitor.complaints == []


def test_the_page_of_choices_is_sound_on_a_phone_and_in_the_dark(visit):
    visitor = visit(PHONE)
    page = visitor.page
    visitor.sign_in("admin@mercy.example")
    visitor.go("/t/mercy/orders/sources/sample/")
    visitor.check()
    page.get_by_label("File").set_input_files(
        {
            "name": "orders.csv",
            "mimeType": "text/csv",
            "buffer": EXPORT.replace("erledigt", "ERL").encode("cp1252"),
        }
    )
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".prm-finding-open").first).to_be_visible()
    for width in (360, 820, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            visitor.picture(f"sample-{width}-{scheme}")
            # Dark changes colours alone (`tests.axe`).
            assert visitor.wrong(axe.COLOURS if scheme == "dark" else None) == []
