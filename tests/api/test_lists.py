"""Every list of the API, in every order it offers: walked to its end it gives each row once."""

from collections import Counter
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.urls import get_resolver
from rest_framework.generics import GenericAPIView

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope
from tests.test_isolation import all_paths


def api_lists():
    """The view class of every list, by its address below the tenant."""
    found = {}
    for path in all_paths():
        if path.startswith("/api/v1/") and path.count("<") == 1:
            view = get_resolver().resolve(path.replace("<slug:tenant>", "mercy")).func
            # A view without a query of rows (the versions of one document) answers from elsewhere and has no order to walk.
            is_list = getattr(view, "actions", {}).get("get") == "list"
            if is_list and issubclass(view.cls, GenericAPIView):
                found[path.split(">/")[1]] = view.cls
    return found


def rows_of(view, tenant):
    asking = SimpleNamespace(_request=SimpleNamespace(tenant=tenant))
    shown = view(request=asking, format_kwarg=None, kwargs={})
    shown.action = "list"
    return shown.get_queryset()


def make_equal(model, path):
    """Give most rows of the table one value of a field, and some none where it may be missing."""
    *way, name = path.split("__")
    for step in way:
        model = model._meta.get_field(step).related_model
    field = model._meta.get_field(name)
    if field.unique or field.primary_key:
        return
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    value = model.objects.exclude(**{name: None}).values_list(name, flat=True).first()
    model.objects.filter(pk__in=keys[: len(keys) * 2 // 3]).update(**{name: value})
    if field.null:
        model.objects.filter(pk__in=keys[: len(keys) // 3]).update(**{name: None})


def walk(client, url):
    """Every row's id over all pages, forwards; the address of the last page as well."""
    ids, pages, last = [], 0, url
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.content)
        body = answer.json()
        ids += [row.get("id") or row.get("partner") for row in body["results"]]
        pages, last = pages + 1, url
        parts = urlsplit(body["next"] or "")
        url = f"{parts.path}?{parts.query}" if body["next"] else ""
        assert pages < 400, "the links go round in a circle"
    return ids, last


def walk_back(client, url):
    ids = []
    while url:
        body = client.get(url).json()
        ids = [row["id"] for row in body["results"]] + ids
        parts = urlsplit(body["previous"] or "")
        url = f"{parts.path}?{parts.query}" if body["previous"] else ""
    return ids


def test_every_list_gives_each_row_once_in_every_order(demo, client_for):
    lists = api_lists()
    assert {"orders/", "partners/", "visits/", "opportunities/", "insights/"} <= set(lists)
    with tenant_scope(demo):
        client = client_for(Membership.objects.with_people().get(user__email="admin@mercy.example"))
    walked = 0
    for address, view in lists.items():
        orderings = [""] + [f"{sign}{name}" for name in getattr(view, "ordering_fields", ()) for sign in "+-"]
        for ordering in orderings:
            with tenant_scope(demo):
                rows = rows_of(view, demo)
                if ordering:
                    make_equal(rows.model, ordering[1:])
                count = rows.count()
            size = count // 6 + 1
            url = f"/api/v1/mercy/{address}?page_size={size}"
            ids, last = walk(client, url + (f"&ordering={ordering.lstrip('+')}" if ordering else ""))
            assert {key: n for key, n in Counter(ids).items() if n > 1} == {}, (address, ordering)
            assert len(ids) == count, (address, ordering)
            if "cursor" in last:
                assert walk_back(client, last) == ids, (address, ordering)
            walked += len(ids) > size
    # Some lists of the demo have one row or none; many are walked in several orders.
    assert walked >= len(lists) * 4 // 5, "too few lists with several pages"
