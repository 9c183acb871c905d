"""What the metaclass of tenant-owned models writes, and what their base does when rows are saved."""

import pytest
from django.apps.registry import Apps
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from orders.book.models import Order, OrderLine, OrderShare
from orders.sources.models import OrderSource
from partners.directory.models import Partner
from partners.standing.models import Standing
from prm.accounts.models import ApiKey, Membership
from prm.core.ids import uuid7
from prm.tenancy.backend.schema import tenant_key
from prm.tenancy.base import TenantForeignKey, TenantModel, short_name
from prm.tenancy.context import tenant_scope
from prm.tenancy.errors import NoTenant, WrongTenant
from prm.tenancy.managers import TenantManager
from prm.tenancy.walls import TenantKey, TenantPolicy

letters = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=40)


def constraints(model, kind):
    return [c for c in model._meta.constraints if isinstance(c, kind)]


def model_of(name, /, **attributes):
    """A tenant-owned model that is registered nowhere."""
    options = {"app_label": "tests", "apps": Apps(), **attributes.pop("options", {})}
    meta = type("Meta", (), options)
    return type(TenantModel)(name, (TenantModel,), {"__module__": "tests.models", "Meta": meta, **attributes})


def test_a_model_gets_one_policy_and_a_key_for_each_reference():
    assert len(constraints(OrderShare, TenantPolicy)) == 1
    assert {key.field for key in constraints(OrderShare, TenantKey)} == {"order", "partner", "rule"}


def test_a_reference_that_a_trigger_checks_gets_no_key():
    for model in (Order, OrderLine):
        assert constraints(model, TenantKey) == []
        assert len(constraints(model, TenantPolicy)) == 1


def test_a_model_without_a_word_about_walls_has_them():
    plain = model_of("Plain", name=models.CharField(max_length=5))
    assert [type(c) for c in plain._meta.constraints] == [TenantPolicy]
    assert plain._meta.base_manager_name == "objects"
    assert isinstance(plain._default_manager, TenantManager)
    assert plain._meta.pk.name == "id"


def test_own_constraints_and_indexes_stay():
    own = models.CheckConstraint(condition=models.Q(size__gt=0), name="own")
    index = models.Index(fields=["tenant", "size"], name="by_size")
    kept = model_of("Sized", size=models.IntegerField(), options={"constraints": [own], "indexes": (index,)})
    assert own in kept._meta.constraints
    assert index in kept._meta.indexes
    assert len(constraints(kept, TenantPolicy)) == 1


def test_what_is_unique_is_unique_in_its_tenant():
    coded = model_of("Coded", code=models.CharField(max_length=5, unique=True))
    [key] = constraints(coded, models.UniqueConstraint)
    assert key.fields == ("tenant", "code")
    assert [c.fields for c in constraints(Standing, models.UniqueConstraint)] == [("tenant", "partner")]


def test_a_reference_is_indexed_behind_the_tenant_unless_an_own_index_begins_so():
    indexed = model_of("Indexed", partner=TenantForeignKey(Partner, models.CASCADE, related_name="+"))
    assert [index.fields for index in indexed._meta.indexes] == [["tenant", "partner"]]
    bare = model_of("Bare", partner=TenantForeignKey(Partner, models.CASCADE, related_name="+", index=False))
    assert bare._meta.indexes == []


def test_a_reference_survives_being_taken_apart():
    """A migration writes a field as what it was made of."""
    for options in ({}, {"index": False}, {"enforce": "trigger", "null": True}):
        field = TenantForeignKey("partners.Partner", models.CASCADE, **options)
        _, path, args, kwargs = field.deconstruct()
        assert path == "prm.tenancy.base.TenantForeignKey"
        again = TenantForeignKey(*args, **kwargs)
        assert (again.enforce, again.tenant_index, again.null) == (
            field.enforce,
            field.tenant_index,
            field.null,
        )
        assert not again.db_constraint
        assert not again.db_index


@pytest.mark.parametrize(
    "wall",
    [
        TenantPolicy(name="a"),
        TenantPolicy(name="a", own_user="user_id", swept=True),
        TenantKey(name="a", field="x"),
    ],
)
def test_a_wall_survives_being_taken_apart(wall):
    _, args, kwargs = wall.deconstruct()
    again = type(wall)(*args, **kwargs)
    assert again == wall
    assert hash(again) == hash(wall)
    assert again != TenantPolicy(name="b")


@given(letters, letters, letters)
def test_a_short_name_fits_and_tells_names_apart(one, two, three):
    name = short_name(one, two, three)
    assert len(name) <= 30
    assert name == short_name(one, two, three)
    whole = f"{one}_{two}_{three}"
    assert name == whole or (len(whole) > 30 and name.startswith(whole[:22]))


@given(st.lists(letters, min_size=2, max_size=6, unique=True))
def test_short_names_of_different_fields_differ(fields):
    stem = "activities_opportunityinsightreason"
    assert len({short_name(stem, field, "key") for field in fields}) == len(fields)


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (Order, ("tenant_id", "id")),
        (Order.pgh_event_model, ("tenant_id", "pgh_id")),
        (OrderLine, None),  # Django knows its key, which begins with the tenant
    ],
)
def test_the_backend_puts_the_tenant_before_the_key(model, key):
    assert tenant_key(model) == key


def test_a_global_table_keeps_its_key(mercy):
    assert tenant_key(type(mercy.tenant)) is None
    assert tenant_key(type(mercy.rep.user)) is None


# --- saving ---------------------------------------------------------------------------------------


def test_a_new_row_is_of_the_tenant_in_scope(in_mercy):
    assert OrderSource(name="A").tenant_id == in_mercy.tenant.pk


def test_a_row_is_not_saved_in_another_tenants_scope(mercy, anchor):
    with tenant_scope(mercy.tenant):
        row = ApiKey(name="x", prefix="x", secret_hash="x")
    with tenant_scope(anchor.tenant), pytest.raises(WrongTenant, match="belongs to another tenant"):
        row.save()
    with tenant_scope(mercy.tenant):
        row.save()
        assert ApiKey.objects.get() == row


def test_saving_part_of_a_row_writes_that_part(in_mercy):
    row = ApiKey.objects.create(name="x", prefix="x", secret_hash="x")
    row.name, row.prefix = "new", "never"
    row.save(update_fields=["name"])
    row.refresh_from_db()
    assert (row.name, row.prefix) == ("new", "x")


def test_the_same_id_may_name_a_row_in_each_of_two_tenants(mercy, anchor):
    """The key is tenant and id together: an id that a client made tells nothing of another tenant."""
    same = uuid7()
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            ApiKey.objects.create(id=same, name=house.tenant.slug, prefix="x", secret_hash="x")
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            assert ApiKey.objects.get(pk=same).name == house.tenant.slug
            ApiKey.objects.filter(pk=same).update(name="changed")
            assert ApiKey.objects.filter(name="changed").count() == 1
            ApiKey.objects.get(pk=same).delete()
            assert not ApiKey.objects.exists()


def test_grouping_by_a_row_gives_its_columns_too(in_mercy):
    """PostgreSQL does not take `id` alone for the key of the table, and Django knows that."""
    ApiKey.objects.create(name="x", prefix="x", secret_hash="x", created_by=in_mercy.rep)
    # A count over a reference groups by the counted row.
    counted = Membership.objects.annotate(n=models.Count("user__memberships")).order_by("pk")
    assert [(m.role, m.n) for m in counted] == [("administrator", 1), ("manager", 1), ("rep", 1)]


def test_a_row_is_deleted_with_what_refers_to_it_and_sets_null_what_says_so(in_mercy):
    key = ApiKey.objects.create(name="x", prefix="x", secret_hash="x", created_by=in_mercy.rep)
    in_mercy.rep.delete()
    key.refresh_from_db()
    assert key.created_by is None


@pytest.mark.parametrize("size", [1, 300])
def test_rows_made_in_bulk_are_updated_where_they_exist(in_mercy, size):
    rows = [ApiKey(name="first", prefix=f"p{n}", secret_hash="x") for n in range(size)]
    ApiKey.objects.bulk_create(rows)
    again = [ApiKey(name="second", prefix=f"p{n}", secret_hash="x") for n in range(size + 1)]
    ApiKey.objects.bulk_create(
        again, update_conflicts=True, unique_fields=["tenant", "prefix"], update_fields=["name"]
    )
    assert ApiKey.objects.filter(name="second").count() == ApiKey.objects.count() == size + 1


def test_unscoped_wants_a_reason_and_shows_no_more_than_the_policy(mercy, anchor):
    with pytest.raises(ValueError, match="Say why"):
        Membership.objects.unscoped(" ")
    assert not Membership.objects.unscoped("no tenant in scope").exists()
    with tenant_scope(mercy.tenant):
        assert Membership.objects.unscoped("all I may see").count() == 3


@pytest.mark.parametrize("ask", ["all", "count", "exists", "first", "aggregate", "iterator"])
def test_the_manager_raises_without_a_tenant(db, ask):
    with pytest.raises(NoTenant):
        getattr(Partner.objects, ask)()
