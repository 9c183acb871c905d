"""The three walls, each alone, and a walk through the catalog so that no table is forgotten."""

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Model

from prm.accounts.models import ApiKey, Membership
from prm.tenancy.checks import GLOBAL_MODELS, OWN_LABELS
from prm.tenancy.context import bound_tenant, tenant_scope
from prm.tenancy.errors import NoTenant, NoTransaction, WrongTenant

# Tables of libraries that hold nothing of a tenant: sign-in, sessions, migrations.
LIBRARY_PREFIXES = ("auth_", "django_", "account_", "mfa_", "axes_", "pghistory_")


def rows(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def tenant_tables():
    """Every table with a tenant_id column, as the database knows it."""
    return [
        r[0]
        for r in rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " AND a.attname = 'tenant_id' AND NOT a.attisdropped ORDER BY 1"
        )
    ]


def global_tables():
    return {apps.get_model(label)._meta.db_table for label in GLOBAL_MODELS if _is_installed(label)}


def _is_installed(label):
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def test_every_table_is_tenant_owned_or_listed_as_global(db):
    every = {r[0] for r in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    unlisted = every - set(tenant_tables()) - global_tables()
    assert {t for t in unlisted if not t.startswith(LIBRARY_PREFIXES)} - {
        "accounts_user_groups",
        "accounts_user_user_permissions",
    } == set()


def test_every_tenant_table_has_forced_security_and_one_policy_for_writing(db):
    found = rows(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
        " (SELECT count(*) FROM pg_policies p WHERE p.tablename = c.relname AND p.cmd = 'ALL'"
        "  AND p.permissive = 'PERMISSIVE' AND p.qual LIKE '%%prm.tenant%%'"
        "  AND p.with_check LIKE '%%prm.tenant%%'),"
        " (SELECT count(*) FROM pg_policies p WHERE p.tablename = c.relname AND p.cmd <> 'ALL'"
        "  AND p.cmd <> 'SELECT')"
        " FROM pg_class c WHERE c.relname = ANY(%s) ORDER BY 1",
        [[t for t in tenant_tables() if t not in global_tables()]],
    )
    assert len(found) > 3
    assert [r for r in found if r[1:] != (True, True, 1, 0)] == []


def test_only_memberships_can_be_read_outside_a_scope(db):
    extra = rows("SELECT tablename FROM pg_policies WHERE cmd = 'SELECT'")
    assert [r[0] for r in extra] == ["accounts_membership"]


def test_every_reference_between_tenant_tables_is_composite_or_guarded_by_a_trigger(db):
    """Wall 3: a key to a tenant-owned table names the tenant too."""
    owned = {m._meta.db_table for m in apps.get_models() if _is_owned(m)}
    single = rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype = 'f' AND cardinality(conkey) = 1"
    )
    assert [r for r in single if r[1] in owned] == []
    composite = {
        (r[0], r[1])
        for r in rows(
            "SELECT conrelid::regclass::text, (SELECT attname::text FROM pg_attribute"
            "  WHERE attrelid = conrelid AND attnum = conkey[2]) FROM pg_constraint"
            " WHERE contype = 'f' AND cardinality(conkey) = 2"
        )
    }
    for model in filter(_is_owned, apps.get_models()):
        for field in model._meta.local_fields:
            target = field.related_model
            if not (isinstance(target, type) and _is_owned(target)) or model.__name__.endswith("Event"):
                continue
            guarded = getattr(field, "enforce", None) == "trigger"
            assert guarded or (model._meta.db_table, field.column) in composite, field


def _is_owned(model: type[Model]) -> bool:
    meta = model._meta
    return (
        meta.app_label in OWN_LABELS
        and meta.label not in GLOBAL_MODELS
        and any(f.name == "tenant" for f in meta.local_fields)
    )


def test_unique_keys_and_indexes_of_tenant_tables_begin_with_the_tenant(db):
    """Primary keys apart (ids are unique everywhere), and the one-to-one columns Django makes."""
    found = rows(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,"
        " (SELECT attname::text FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])"
        " FROM pg_index i WHERE NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)",
        [[m._meta.db_table for m in apps.get_models() if _is_owned(m) and not m.__name__.endswith("Event")]],
    )
    one_to_one = {
        f.column for m in apps.get_models() if _is_owned(m) for f in m._meta.local_fields if f.one_to_one
    }
    allowed = {"tenant_id", "user_id"} | one_to_one
    assert [r for r in found if r[2] not in allowed] == []


def test_manager_raises_without_a_tenant_however_it_is_asked(mercy):
    for ask in (
        lambda: list(Membership.objects.all()),
        lambda: Membership.objects.count() > 0,
        lambda: not Membership.objects.exists(),
        lambda: Membership.objects.filter(role="rep"),
        lambda: list(Membership._base_manager.all()),
        lambda: Membership.objects.create(user=mercy.rep.user, role="rep"),
    ):
        with pytest.raises(NoTenant):
            ask()


def test_manager_shows_own_rows_only(mercy, anchor):
    with tenant_scope(mercy.tenant):
        assert {m.tenant_id for m in Membership.objects.all()} == {mercy.tenant.pk}
        assert not Membership.objects.filter(pk=anchor.rep.pk).exists()


def test_policy_alone_hides_rows_when_the_manager_is_passed_by(mercy, anchor):
    with tenant_scope(mercy.tenant):
        seen = Membership.objects.unscoped("tries wall 2 alone").values_list("tenant", flat=True)
        assert set(seen) == {mercy.tenant.pk}
        assert set(rows("SELECT DISTINCT tenant_id FROM accounts_membership")) == {(mercy.tenant.pk,)}


def test_no_setting_no_rows(mercy):
    assert rows("SELECT count(*) FROM accounts_membership") == [(0,)]
    assert rows("SELECT count(*) FROM accounts_membershipevent") == [(0,)]


def test_history_is_behind_the_same_wall(mercy, anchor):
    with tenant_scope(anchor.tenant):
        assert rows("SELECT count(DISTINCT tenant_id) FROM accounts_membershipevent") == [(1,)]


def test_row_cannot_be_written_for_another_tenant(mercy, anchor):
    with tenant_scope(mercy.tenant), pytest.raises(WrongTenant):
        ApiKey(tenant=anchor.tenant, name="x", prefix="x", secret_hash="x").save()
    with pytest.raises(ProgrammingError, match="row-level security"), tenant_scope(mercy.tenant):
        ApiKey.objects.bulk_create([ApiKey(tenant=anchor.tenant, name="x", prefix="x", secret_hash="x")])


def test_row_cannot_be_moved_to_another_tenant(mercy, anchor):
    with pytest.raises(ProgrammingError, match="row-level security"), tenant_scope(mercy.tenant):
        Membership.objects.filter(pk=mercy.rep.pk).update(tenant=anchor.tenant)


def test_row_cannot_refer_to_another_tenants_row(mercy, anchor):
    with pytest.raises(IntegrityError, match="created_by"), transaction.atomic():
        with tenant_scope(mercy.tenant):
            ApiKey.objects.create(name="x", prefix="x", secret_hash="x", created_by=anchor.rep)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nested_scope_restores_the_outer_one(mercy, anchor):
    with tenant_scope(mercy.tenant):
        with tenant_scope(anchor.tenant):
            assert rows("SELECT DISTINCT tenant_id FROM accounts_membership") == [(anchor.tenant.pk,)]
        assert rows("SELECT DISTINCT tenant_id FROM accounts_membership") == [(mercy.tenant.pk,)]
        with pytest.raises(ZeroDivisionError), tenant_scope(anchor.tenant):
            raise ZeroDivisionError
        assert rows("SELECT DISTINCT tenant_id FROM accounts_membership") == [(mercy.tenant.pk,)]
    assert rows("SELECT count(*) FROM accounts_membership") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_setting_does_not_outlive_its_transaction_and_nothing_runs_outside_one():
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug="mercy", name="Mercy")
    with tenant_scope(tenant):
        assert rows("SELECT current_setting('prm.tenant')") == [(str(tenant.pk),)]
    assert rows("SELECT current_setting('prm.tenant', true)") in ([("",)], [(None,)])
    with bound_tenant(tenant):
        with pytest.raises(NoTransaction):
            Membership.objects.count()
        with transaction.atomic():
            assert Membership.objects.count() == 0


def test_application_role_is_plain_and_owns_nothing(db):
    [(role, owns)] = rows(
        "SELECT current_user, (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        " AND tableowner = current_user)"
    )
    assert owns == 0
    assert rows("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role]) == [(False,)]


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE accounts_membership",
        "ALTER TABLE accounts_membership DISABLE ROW LEVEL SECURITY",
        "UPDATE accounts_membershipevent SET role = 'administrator'",
        "DELETE FROM accounts_membershipevent",
    ],
)
def test_application_role_may_not_loosen_walls_or_rewrite_history(mercy, statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        tenant_scope(mercy.tenant),
    ):
        rows(statement)
