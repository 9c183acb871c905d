"""Every body that the API takes: a field is taken or refused, texts are bounded, nothing is answered 200 and dropped."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.settings import api_settings

from activities.market.budgets.models import BudgetUpdate
from activities.market.names.service import competitor_named, differentiator_named
from orders.catalogue.models import Product
from partners.contacts.service import add_contact
from partners.share.models import ShareEstimate
from prm.accounts.service import add_member
from prm.api.fields import RowField
from prm.api.parsing import StrictJSONParser
from prm.api.serializers import Strict
from prm.core import clock
from prm.core.ids import uuid7
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.partners.factories import make_partner

CHANGES = {"update": "put", "partial_update": "patch"}


def viewsets():
    """Every view of the API with its actions by method, by the address it stands at."""
    found = {}

    def walk(patterns, prefix=""):
        for pattern in patterns:
            path = (prefix + str(pattern.pattern)).replace("^", "").replace("$", "")
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, path)
            elif path.startswith("api/") and hasattr(pattern.callback, "actions"):
                found[path] = pattern.callback

    walk(get_resolver().url_patterns)
    return found


def bodies():
    """The serializer of every action that reads a body, by address and method; orders are read by a typed schema."""
    found = {}
    for path, callback in viewsets().items():
        if path.endswith("orders/"):
            continue
        for method, action in callback.actions.items():
            read = _serializer(callback, action)
            if method in {"post", "put", "patch"} and read is not None:
                found[f"{method} {path}"] = read
    return found


def _serializer(callback, action):
    from partners.reviews import serializers as reviews

    of_action = {
        "decide": reviews.DecisionSerializer,
        "decide_many": reviews.ManySerializer,
        "reopen": reviews.ReopenSerializer,
    }
    if action in of_action:
        return of_action[action]
    if callback.cls.__name__ == "CycleViewSet":
        return reviews.OpenSerializer if action == "create" else None
    return callback.initkwargs.get("serializer_class") or callback.cls.serializer_class


def fields_of(serializer, path=""):
    """Every field that is read, nested ones too."""
    for name, field in serializer.fields.items():
        if field.read_only:
            continue
        yield f"{path}{name}", field
        inner = getattr(field, "child", field)
        if isinstance(inner, serializers.BaseSerializer):
            yield from fields_of(inner, f"{path}{name}.")
        elif inner is not field:
            yield f"{path}{name}[]", inner


def test_there_are_bodies_to_look_at():
    assert len(bodies()) > 20


@pytest.mark.parametrize("body", bodies())
def test_every_body_is_strict_at_every_depth(body, in_mercy):
    serializer = bodies()[body]()
    assert isinstance(serializer, Strict)
    nested = [getattr(field, "child", field) for _, field in fields_of(serializer)]
    assert [
        one for one in nested if isinstance(one, serializers.Serializer) and not isinstance(one, Strict)
    ] == []


@pytest.mark.parametrize("body", bodies())
def test_every_text_and_every_list_of_a_body_is_bounded(body, in_mercy):
    endless = []
    for path, field in fields_of(bodies()[body]()):
        if isinstance(field, serializers.ChoiceField | serializers.UUIDField | RowField):
            continue
        is_text = isinstance(field, serializers.CharField)
        is_list = isinstance(
            field, serializers.ListField | serializers.ListSerializer | serializers.ManyRelatedField
        )
        if (is_text or is_list) and not getattr(field, "max_length", None):
            endless.append(path)
    assert endless == []


def test_every_view_reads_bodies_with_the_parser_that_bounds_them():
    assert [StrictJSONParser] == api_settings.DEFAULT_PARSER_CLASSES
    # A list comes as a file, in a form: the bounds of uploads hold for it.
    others = {
        cls
        for callback in viewsets().values()
        if list((cls := callback.cls).parser_classes) != [StrictJSONParser]
    }
    assert {cls.__name__: tuple(cls.parser_classes) for cls in others} == {
        "ListViewSet": (MultiPartParser,),
        # Files in a form, and what is accepted of them as JSON.
        "ImportViewSet": (MultiPartParser, StrictJSONParser),
    }


# --- one field after another --------------------------------------------------------------------


@pytest.fixture
def rows(mercy):
    """One row of each resource that takes changes, and the body that would make it again."""
    with tenant_scope(mercy.tenant):
        other = make_partner("Other")
        partner = make_partner("Dr. Chow", rep=mercy.rep)
        add_member(email="roy@mercy.example", role="rep", name="Roy")
        visit = make.visit(partner, mercy.rep)
        competitor = competitor_named(name="Summit")
        competitor_named(name="Peak")
        reason = differentiator_named(name="Price")
        opportunity = make.opportunity(partner, mercy.rep)
        make.opportunity(other, mercy.rep)
        insight = make.insight(partner, mercy.rep, competitor="Summit")
        update = opportunity.budget_updates.get()
        add_contact(partner.pk, name="Ana")
        Product.objects.bulk_create([Product(code="MRI"), Product(code="CT")])
    name = str(partner.pk)
    return {
        "partners": (partner, {}),
        "visits": (
            visit,
            {
                "partner": name,
                "channel": "phone",
                "happened_at": visit.happened_at.isoformat(),
                "purpose": "other",
            },
        ),
        "insights": (insight, {"partner": name, "competitor": str(competitor.pk), "outcome": "lost"}),
        "opportunities": (
            opportunity,
            {"partner": name, "name": "Echo lab", "amount": "90000", "close_date": "2027-03-31"},
        ),
        "budget-updates": (update, {"opportunity": str(opportunity.pk), "amount": str(update.new_amount)}),
        "competitors": (competitor, {}),
        "differentiators": (reason, {}),
    }


SIMPLE = {
    serializers.UUIDField: lambda: str(uuid7()),
    serializers.IntegerField: lambda: 3,
    serializers.DecimalField: lambda: "77.00",
    serializers.DateTimeField: lambda: str(clock.now() - timedelta(days=3)),
    serializers.DateField: lambda: (clock.now() - timedelta(days=5)).date().isoformat(),
    serializers.EmailField: lambda: "new@example.org",
    serializers.URLField: lambda: "https://new.example/",
    serializers.ListField: lambda: ["New"],
    serializers.CharField: lambda: "New",
}


def changed(field, present):
    """Some valid value of a field that is not the present one; anything for a field that is not read."""
    simple = next((make() for kind, make in SIMPLE.items() if isinstance(field, kind)), {})
    if field.read_only:
        simple = simple or "x"
    elif isinstance(field, serializers.ManyRelatedField):
        simple = [str(field.child_relation.get_queryset().last().pk)]
    elif isinstance(field, serializers.PrimaryKeyRelatedField):
        simple = str(field.get_queryset().exclude(pk=present).last().pk)
    elif isinstance(field, serializers.ChoiceField):
        simple = next(value for value in field.choices if value not in (present, ""))
    elif isinstance(field, serializers.BooleanField):
        simple = not present
    elif field.field_name == "currency":
        simple = "EUR"
    return simple


def plain(value):
    if isinstance(value, str):
        for read in (UUID, Decimal, date.fromisoformat, datetime.fromisoformat):
            try:
                return read(value)
            except (ValueError, ArithmeticError):
                continue
    return value


# A field that only takes part in making: what is to be seen of it in the answer.
SHOWS = {
    ("insights", "competitor_name"): lambda row: row["competitor_name"],
    ("insights", "differentiators"): lambda row: [one["id"] for one in row["differentiators"]],
    ("opportunities", "note"): lambda row: BudgetUpdate.objects.latest("at").note,
    ("insights", "differentiator_names"): lambda row: [one["name"] for one in row["differentiators"]],
}


@pytest.mark.parametrize("resource", ["partners", "visits", "insights", "opportunities", "competitors",
                                      "differentiators", "budget-updates"])  # fmt: skip
def test_a_change_is_made_or_refused(resource, rows, mercy, client_for):
    """Every field of every resource, known or not, by PATCH and PUT: 200 means that it now is so."""
    row, whole = rows[resource]
    client, where = client_for(mercy.manager), f"/api/v1/mercy/{resource}/{row.pk}/"
    view = next(view for path, view in viewsets().items() if path.endswith(f"/{resource}/<uuid:pk>/"))
    dropped, tried = [], 0
    for method, action in dict(view.actions).items():
        if action not in CHANGES:
            continue
        base = whole if method == "put" else {}
        with tenant_scope(mercy.tenant):
            serializer = _serializer(view, action)(row)
            present = client.get(where).json()
            values = {name: changed(field, present.get(name)) for name, field in serializer.fields.items()}
        for name, value in {**values, "unheard_of": "x"}.items():
            if name == "version":
                continue
            body = {**base, name: value}
            if name == "competitor_name":
                body.pop("competitor", None)
            answer = getattr(client, method)(where, body, content_type="application/json")
            tried += 1
            assert answer.status_code in {200, 201, 400}, (name, answer.content)
            if answer.status_code == 400:
                continue
            with tenant_scope(mercy.tenant):
                shown = SHOWS.get((resource, name), lambda row, name=name: row.get(name))(answer.json())
            if plain(shown) != plain(value):
                dropped.append((method, name, value, shown))
    assert tried > 2
    assert dropped == []


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("partners", {"tier": "high"}, "tier", "read_only"),
        ("partners", {"codes": [{"code": "1"}]}, "codes", "only_new"),
        ("opportunities", {"state": "won"}, "state", "read_only"),
        ("opportunities", {"currency": "EUR"}, "currency", "id_taken"),
        ("opportunities", {"note": "Because"}, "note", "nothing_new"),
        ("visits", {"insight": {"outcome": "lost", "competitor_name": "Rival"}}, "insight", "only_new"),
        ("visits", {"color": "red"}, "color", "unknown_field"),
    ],
)
def test_a_refusal_names_the_field(path, body, field, code, rows, mercy, client_for):
    row, _ = rows[path]
    answer = client_for(mercy.manager).patch(
        f"/api/v1/mercy/{path}/{row.pk}/", body, content_type="application/json"
    )
    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_an_insight_in_a_put_of_a_visit_that_is_there_is_refused(rows, mercy, client_for):
    visit, whole = rows["visits"]
    body = {**whole, "insight": {"outcome": "lost", "competitor_name": "Rival"}}
    where = f"/api/v1/mercy/visits/{visit.pk}/"
    assert client_for(mercy.rep).put(where, body, content_type="application/json").status_code == 400
    new = f"/api/v1/mercy/visits/{uuid7()}/"
    assert client_for(mercy.rep).put(new, body, content_type="application/json").status_code == 201


def test_unknown_fields_of_a_nested_part_are_refused_with_their_place(rows, mercy, client_for):
    _, whole = rows["visits"]
    body = {**whole, "insight": {"outcome": "lost", "competitor_name": "Rival", "patient": "Mr. X"}}
    answer = client_for(mercy.rep).post("/api/v1/mercy/visits/", body, content_type="application/json")
    assert [e["field"] for e in answer.json()["errors"]] == ["insight.patient"]


@pytest.mark.parametrize("address", ["partners", "share-estimates", "visits"])
def test_a_text_of_megabytes_is_refused(address, rows, mercy, client_for):
    long = "x" * 3_000_000
    name = str(rows["partners"][0].pk)
    body = {
        "partners": {"name": "Ann", "kind": "agent", "notes": long},
        "share-estimates": {
            "partner": name, "low": "1", "middle": "2", "high": "3", "source": long, "as_of": "2026-01-01",
        },
        "visits": {**rows["visits"][1], "learned": long},
    }[address]  # fmt: skip
    answer = client_for(mercy.rep).post(f"/api/v1/mercy/{address}/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [e["code"] for e in answer.json()["errors"]] == ["max_length"]
    with tenant_scope(mercy.tenant):
        assert not ShareEstimate.objects.exists()
