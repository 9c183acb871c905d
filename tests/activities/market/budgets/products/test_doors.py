"""Several products by page, by API and from a list; found by filters."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.queries import products_of
from activities.market.budgets.products.writing import wrong_sum
from orders.catalogue.models import Product
from prm.core import calendar
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.lists.factories import bring, give_back, outcomes, read
from tests.activities.pages import HTMX, in_mercy, url
from tests.partners.factories import make_partner


@pytest.fixture
def products(mercy):
    with tenant_scope(mercy.tenant):
        return [
            Product.objects.create(code=code, name=name) for code, name in (("E1", "Echo"), ("M1", "MRI 3"))
        ]


def parts(mercy):
    with tenant_scope(mercy.tenant):
        return {part.product.code: part.amount for part in products_of(Opportunity.objects.get())}


def form(elena, products, *amounts, **more):
    day = calendar.today(elena.tenant) + timedelta(days=40)
    rows = {}
    for place, (product, amount) in enumerate(zip(products, amounts, strict=False), start=1):
        rows |= {f"product_{place}": product.pk, f"part_{place}": amount}
    return (
        {"partner": elena.pk, "name": "Deal", "amount": "90,000", "close_date": day, "stage": "proposal"}
        | rows
        | more
    )


def test_several_products_by_the_page(mercy, elena, rep, products):
    rep.post(url("opportunity-add", query=f"?partner={elena.pk}"), form(elena, products, "60,000", "30,000"))
    assert parts(mercy) == {"E1": 60_000, "M1": 30_000}
    deal = in_mercy(mercy, Opportunity.objects.get)
    page = url("opportunity", pk=deal.pk)
    assert 'value="60000"' in rep.get(page).content.decode()
    # Left as they were, the parts follow the amount; said anew, they must make it.
    rep.post(page, form(elena, products, "60000", "30000", amount="45,000"))
    assert parts(mercy) == {"E1": 30_000, "M1": 15_000}
    wrong = rep.post(page, form(elena, products, "1", "2", amount="45,000"), headers=HTMX)
    assert wrong.status_code == 422
    assert "The products add up to $3.00, and $45,000.00 is expected." in wrong.content.decode()
    rep.post(page, form(elena, products, "50,000", "5,000", amount="55,000"))
    assert parts(mercy) == {"E1": 50_000, "M1": 5_000}
    rep.post(page, form(elena, [], amount="55,000", product=products[0].pk))
    assert parts(mercy) == {"E1": 55_000}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"part_2": "5"}, "Choose what this part is for"),
        ({"product_2": "M1"}, "Say what part of the amount is for it"),
        ({"product": "M1"}, "Leave this empty where there are several"),
    ],
)
def test_half_a_row_and_one_beside_several_are_refused_at_their_field(
    mercy, elena, rep, products, more, words
):
    more = {name: products[1].pk if value == "M1" else value for name, value in more.items()}
    answer = rep.post(
        url("opportunity-add", query=f"?partner={elena.pk}"),
        form(elena, products[:1], "60,000", **more),
        headers=HTMX,
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_several_products_by_the_api(mercy, elena, rep, products):
    day = str(calendar.today(mercy.tenant) + timedelta(days=40))
    rows = [
        {"product": str(one.pk), "amount": amount}
        for one, amount in zip(products, ("60.5", "30"), strict=True)
    ]
    body = {"partner": str(elena.pk), "name": "Deal", "close_date": day, "products": rows}

    def send(method, path, data):
        return getattr(rep, method)(
            f"/api/v1/mercy/opportunities/{path}", data, content_type="application/json"
        )

    made = send("post", "", body)
    assert (made.status_code, made.json()["amount"], len(made.json()["products"])) == (201, "90.50", 2)
    here = f"{made.json()['id']}/"
    assert send("patch", here, {"amount": "181"}).status_code == 200
    assert parts(mercy) == {"E1": 121, "M1": 60}
    for wrong, status in (
        ({"products": rows, "amount": "4"}, 400),
        ({"products": rows, "product": rows[0]["product"]}, 400),
        ({"products": [{"product": rows[0]["product"]}]}, 400),
    ):
        assert send("patch", here, wrong).status_code == status, wrong
    assert parts(mercy) == {"E1": 121, "M1": 60}
    assert (
        send("post", "", {name: body[name] for name in ("partner", "name", "close_date")}).status_code == 400
    )
    answer = send("patch", here, {"products": rows[:1]}).json()
    assert (answer["amount"], answer["product"], answer["products"]) == ("60.50", rows[0]["product"], [])


def test_an_opportunity_is_found_by_each_of_its_products(mercy, elena, rep, products):
    rep.post(url("opportunity-add", query=f"?partner={elena.pk}"), form(elena, products, "60,000", "30,000"))
    with tenant_scope(mercy.tenant):
        make.opportunity(elena, name="Other")
        third = Product.objects.create(code="X1")
    for one, found in ((products[0], ["Deal"]), (products[1], ["Deal"]), (third, [])):
        rows = rep.get(f"/api/v1/mercy/opportunities/?product={one.pk}").json()["results"]
        assert [row["name"] for row in rows] == found


def test_several_products_from_a_list(in_mercy):
    for code, name in (("E1", "Echo"), ("M1", "MRI 3")):
        Product.objects.create(code=code, name=name)
    make_partner("Elm Street", kind="practice", codes=["C7"])
    day = calendar.today(in_mercy.tenant) + timedelta(days=90)
    text = f"Code,Opportunity,Amount,Close date,Products\nC7,Deal,60000,{day},{{}}\n"
    run = bring(text.format("Echo 45000; MRI 3 15000.00"), kind="opportunities")
    assert parts(in_mercy) == {"E1": 45_000, "M1": 15_000}
    assert read(text.format("m1: 15000; E1 = 45 000"), kind="opportunities").counts == {"unchanged": 1}
    changed = bring(text.format("MRI 3"), kind="opportunities")
    assert parts(in_mercy) == {"M1": 60_000}
    give_back(changed)
    assert parts(in_mercy) == {"E1": 45_000, "M1": 15_000}
    for wrong, words in (
        ("Echo 1; MRI 3 2", "The products add up to 3, and the amount says 60000."),
        ("Echo; MRI 3 2", "Write what part is for Echo"),
        ("Echo 1; E1 2", "stands there twice"),
        ("Radio 60000", "No product here is called Radio"),
        ("Echo 1; Radio 2", "No product here is called Radio"),
        ("Echo 1.2.3; MRI 3 2", "Write the amount in digits"),
    ):
        assert words in outcomes(read(text.format(wrong), kind="opportunities"))[2][1], wrong
    give_back(run)
    assert not Opportunity.objects.exists()


@given(amounts=st.lists(st.decimals(0, 99_999, places=2), min_size=1, max_size=5), off=st.integers(-1, 1))
def test_a_sum_is_wrong_when_it_is_another(amounts, off):
    text = ";".join(f"{place}={amount}" for place, amount in enumerate(amounts))
    assert bool(wrong_sum(text, str(sum(amounts) + off))) == bool(off)
    assert wrong_sum("one", "5") == ""
