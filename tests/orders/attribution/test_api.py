"""The settled list by API: read, taken back, and by whom."""

from orders.attribution.models import Answer
from orders.book.models import Order
from partners.directory.models import Partner
from tests.orders.factories import import_rows, make_source

SETTLED = "/api/v1/mercy/settled/"


def tied(bob, scope, code="1730"):
    """Tie a code with two orders; the partner, and the id of the answer."""
    with scope():
        partner = Partner.objects.create(name="Dr. Herrera", kind="physician")
        import_rows(make_source(), f"1,2026-05-03,{code},A,1,10", f"2,2026-05-04,{code},A,1,5")
    bob.post("/t/mercy/orders/unattributed/tie/", {"code": code, "partner": partner.pk})
    with scope():
        return partner, Answer.objects.get().pk


def test_what_is_settled_is_listed_and_taken_back(bob, scope):
    partner, answer_id = tied(bob, scope)
    (row,) = bob.get(SETTLED).json()["results"]
    assert (row["id"], row["kind"], row["code"]) == (str(answer_id), "tied_code", "1730")
    assert (row["partner"], row["orders"], row["amount"]) == (str(partner.pk), 2, "15.0000")
    assert row["words"] == "1730 is Dr. Herrera"
    assert row["undone_at"] is None

    undone = bob.post(f"{SETTLED}{answer_id}/undo/")
    assert undone.status_code == 200
    assert undone.json()["undone_by"] == "Bob"
    with scope():
        assert Order.objects.unattributed().count() == 2
    again = bob.post(f"{SETTLED}{answer_id}/undo/")
    assert (again.status_code, again.json()["code"]) == (400, "undone")


def test_the_list_is_filtered_and_cut_into_pages(bob, scope):
    tied(bob, scope)
    assert bob.get(SETTLED, {"kind": "set_aside_code"}).json()["count"] == 0
    assert bob.get(SETTLED, {"code": "1730", "page_size": 1}).json()["count"] == 1
    assert bob.get(SETTLED, {"kind": "nonsense"}).status_code == 400


def test_who_may_not_tie_sees_and_undoes_nothing(bob, scope, mercy, anchor, client_for):
    _, answer_id = tied(bob, scope)
    rep = client_for(mercy.rep)
    assert rep.get(SETTLED).status_code == 403
    assert rep.post(f"{SETTLED}{answer_id}/undo/").status_code == 403
    assert client_for(anchor.manager).post(f"/api/v1/anchor/settled/{answer_id}/undo/").status_code == 404
    with scope():
        assert Order.objects.unattributed().count() == 0


def test_the_documentation_has_it(bob):
    paths = bob.get("/api/v1/mercy/schema/?format=json").json()["paths"]
    methods = {path.partition("settled/")[2]: set(of) for path, of in paths.items() if "/settled/" in path}
    assert {"get"} <= methods[""]
    assert {"post"} <= methods["{id}/undo/"]
