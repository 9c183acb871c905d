"""Another tenant's ids through every address of the product: nothing comes back, nothing changes.

Both tenants are filled with demo data first, so that there is something to leak. Every URL pattern
with an id is then asked, as an administrator of *anchor*, with ids of *mercy*'s rows of its app.
"""

import re
from http import HTTPStatus
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from prm.accounts.models import Membership
from prm.tenancy.base import TenantModel
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant

PARAMETER = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")
REGEX_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")


def all_paths(patterns=None, prefix=""):
    """Every address below a tenant, as a template with ``{name}`` for its parameters."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = str(pattern.pattern)
        route = REGEX_GROUP.sub(r"<uuid:\1>", route).replace("^", "").replace("$", "").replace("\\", "")
        path = (prefix + "/" + route.lstrip("/")).replace("//", "/")
        if isinstance(pattern, URLResolver):
            yield from all_paths(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path


def tenant_paths_with_ids():
    found = set()
    for path in all_paths():
        if path.startswith(("/t/", "/api/")) and "format" not in path:
            names = [m["name"] for m in PARAMETER.finditer(path)]
            if [n for n in names if n != "tenant"]:
                found.add(path)
    return sorted(found)


def fill_in(path, slug, value):
    return PARAMETER.sub(lambda m: slug if m["name"] == "tenant" else str(value), path)


@pytest.fixture
def two_tenants(demo):
    return demo, Tenant.objects.get(slug="anchor")


def one_id_of_each_model(tenant):
    with tenant_scope(tenant):
        ids = {}
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                pk = model.objects.order_by("pk").values_list("pk", flat=True).first()
                if isinstance(pk, UUID):
                    ids[model._meta.label] = pk
        return ids


# What most addresses are about, whichever app they are of.
EVERYWHERE = {"partners.Partner", "orders.Order", "accounts.Membership"}


def ids_for(path, ids):
    """The ids that an address could take for one of its own: those of its app's rows, and what all apps name."""
    view = resolve(fill_in(path, "mercy", uuid4())).func
    module = getattr(view, "view_class", getattr(view, "cls", view)).__module__
    config = apps.get_containing_app_config(module)
    app = config.label if config else module.removeprefix("prm.").partition(".")[0]
    return {label: pk for label, pk in ids.items() if label.startswith(f"{app}.") or label in EVERYWHERE}


def tried(client, urls):
    """Each address with its answer, up to the one after which no other id of the same page would answer otherwise."""
    for url in urls:
        answer = client.get(url)
        yield url, answer
        if answer.status_code in {HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}:
            return


OF_BUSINESS = {"partners", "orders", "activities", "bringing", "campaigns"}


def row_counts_and_versions():
    """Every tenant row as text, over all tenants' own scopes."""
    state = {}
    for tenant in Tenant.objects.all():
        with tenant_scope(tenant), connection.cursor() as cursor:
            for model in apps.get_models():
                if issubclass(model, TenantModel) and model._meta.app_label in OF_BUSINESS:
                    cursor.execute(
                        f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY ctid)) FROM {model._meta.db_table} t"
                    )
                    state[tenant.slug, model._meta.label] = cursor.fetchone()
    return state


def test_another_tenants_ids_lead_nowhere_and_change_nothing(two_tenants, client_for):
    mercy, anchor = two_tenants
    ids = one_id_of_each_model(mercy)
    assert len(ids) > 12, "too little data to leak"
    with tenant_scope(anchor):
        stranger = Membership.objects.select_related("user").get(user__email="admin@anchor.example")
    client = client_for(stranger)
    before = row_counts_and_versions()
    paths = tenant_paths_with_ids()
    assert len(paths) > 20
    wrong = []
    for path in paths:
        for method in ("get", "post"):
            for label, pk in ids_for(path, ids).items():
                answer = getattr(client, method)(fill_in(path, "anchor", pk))
                if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                    # Whatever the id.
                    break
                if answer.status_code not in {404, 403, 400, 415}:
                    wrong.append((method, path, label, answer.status_code))
    assert wrong == []
    assert row_counts_and_versions() == before


def test_own_ids_do_lead_somewhere(two_tenants, client_for):
    """The control: were every address simply broken, the test above would pass too."""
    mercy, _ = two_tenants
    ids = one_id_of_each_model(mercy)
    with tenant_scope(mercy):
        member = Membership.objects.select_related("user").get(user__email="admin@mercy.example")
    client = client_for(member)
    found = set()
    for path in tenant_paths_with_ids():
        answers = set()
        for pk in ids_for(path, ids).values():
            answers.add(client.get(fill_in(path, "mercy", pk)).status_code)
            if answers & {200, HTTPStatus.METHOD_NOT_ALLOWED}:
                break
        if 200 in answers:
            found.add(path)
        assert 500 not in answers, path
    # Most of the others only take POST, or name rows that the demo has none of.
    assert len(found) > len(tenant_paths_with_ids()) * 0.3


def test_every_page_of_a_tenant_is_404_to_a_stranger(two_tenants, client_for):
    mercy, anchor = two_tenants
    with tenant_scope(anchor):
        stranger = Membership.objects.select_related("user").get(user__email="admin@anchor.example")
    client = client_for(stranger)
    plain = sorted({p for p in all_paths() if p.startswith(("/t/", "/api/")) and "format" not in p})
    for path in plain:
        answer = client.get(fill_in(path, "mercy", mercy.pk))
        assert answer.status_code == 404, path


def test_every_page_says_who_may_see_it(db):
    """A page view without ``page_requires`` would be open to every role."""
    missing = []

    def walk(patterns, prefix=""):
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, path)
            elif path.startswith("t/") and not _guarded(pattern.callback) and pattern.name != "home":
                missing.append(path)

    walk(get_resolver().url_patterns)
    assert missing == []


def _guarded(view):
    while view is not None:
        if getattr(view, "rights", None):
            return True
        cls = getattr(view, "view_class", None)
        if cls is not None and getattr(cls, "rights", None):
            return True
        view = getattr(view, "__wrapped__", None)
    return False
