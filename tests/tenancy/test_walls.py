"""The three walls, each alone, and a walk through the catalog so that no table is forgotten."""

import re
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models import Model

from prm.accounts.models import ApiKey, Membership
from prm.core.ids import uuid7
from prm.tenancy.base import TenantModel
from prm.tenancy.checks import GLOBAL_MODELS, managers_are_scoped, models_are_bound
from prm.tenancy.context import bound_tenant, tenant_scope
from prm.tenancy.errors import NoTenant, NoTransaction, WrongTenant
from tests.conftest import owner_connection

# Tables of libraries that hold nothing of a tenant: sign-in, sessions, migrations.
LIBRARY_PREFIXES = ("auth_", "django_", "account_", "mfa_", "usersessions_", "axes_", "pghistory_")


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
        [tenant_tables()],
    )
    assert len(found) > 3
    assert [r for r in found if r[1:] != (True, True, 1, 0)] == []


def test_only_memberships_and_schedules_can_be_read_outside_a_scope(db):
    extra = rows("SELECT tablename FROM pg_policies WHERE cmd = 'SELECT' ORDER BY 1")
    assert [r[0] for r in extra] == [
        "accounts_membership",
        "campaigns_webevent",
        "partners_standingrequest",
        "salesforce_syncschedule",
        "tenancy_job",
        "tenancy_turn",
    ]


class _Loose(models.Model):  # noqa: DJ008  (never shown)
    """A tenant's rows without our base class: its managers know no tenant."""

    tenant = models.ForeignKey("tenancy.Tenant", models.CASCADE)
    objects = models.Manager()

    class Meta:
        app_label = "tenancy"
        managed = False


class _HalfLoose(TenantModel):
    """Our base class, and beside its manager one that knows no tenant."""

    all_rows = models.Manager()

    class Meta:
        app_label = "tenancy"
        managed = False


@pytest.fixture
def registered():
    """Put models into the registry for one test; they left it when this module was read."""
    known = apps.all_models["tenancy"]

    @contextmanager
    def put(model):
        known[model.__name__.lower()] = model
        apps.clear_cache()
        try:
            yield
        finally:
            del known[model.__name__.lower()]
            apps.clear_cache()

    return put


for _made in (_Loose, _HalfLoose):
    del apps.all_models["tenancy"][_made.__name__.lower()]
apps.clear_cache()


@pytest.mark.parametrize(
    ("model", "managers"), [(_Loose, {"objects", "_base_manager"}), (_HalfLoose, {"all_rows"})]
)
def test_a_manager_that_knows_no_tenant_stops_the_check(registered, model, managers):
    """Whatever the model derives from: what counts is the column, in a library's table too."""
    with registered(model):
        errors = managers_are_scoped(None)
    assert {error.id for error in errors} == {"prm.E002"}
    assert {error.msg.split(" ")[0] for error in errors} == {
        f"{model._meta.label}.{name}" for name in managers
    }


def test_a_table_without_our_base_class_stops_the_check(registered):
    with registered(_Loose):
        assert [error.id for error in models_are_bound(None)] == ["prm.E001"]


def test_every_model_of_a_tenant_table_passes_the_checks(db):
    assert managers_are_scoped(None) == models_are_bound(None) == []
    of_tenants = {m._meta.db_table for m in apps.get_models(include_auto_created=True) if _has_tenant(m)}
    assert of_tenants == set(tenant_tables()) - {t for t in tenant_tables() if not _has_model(t)}


def _has_tenant(model):
    return any(field.column == "tenant_id" for field in model._meta.concrete_fields)


def _has_model(table):
    return any(m._meta.db_table == table for m in apps.get_models(include_auto_created=True))


def columns_of(relation, numbers):
    """SQL for the names of the columns with these numbers, in this order."""
    return (
        f"ARRAY(SELECT a.attname::text FROM unnest({numbers}) WITH ORDINALITY AS n(number, place)"
        f" JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = n.number ORDER BY n.place)"
    )


def keys(kinds):
    """Constraints of these kinds on tenant-owned tables: table, columns, other table, its columns."""
    return rows(
        f"SELECT conrelid::regclass::text, {columns_of('conrelid', 'conkey')},"
        f" confrelid::regclass::text, {columns_of('confrelid', 'confkey')} FROM pg_constraint"
        " WHERE contype::text = ANY(%s) AND conrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
        [list(kinds), tenant_tables()],
    )


def test_primary_key_of_every_tenant_table_is_tenant_and_id(db):
    primary = {table: columns for table, columns, *_ in keys("p")}
    assert set(primary) == set(tenant_tables())
    other = {t: c for t, c in primary.items() if c not in (["tenant_id", "id"], ["tenant_id", "pgh_id"])}
    # A line of an order and a word of a name have no id.
    assert other == {
        "activities_opportunityword": ["tenant_id", "opportunity_id", "word"],
        "orders_orderline": ["tenant_id", "order_id", "ordinal"],
        "partners_aliasword": ["tenant_id", "alias_id", "word"],
        "partners_partnerword": ["tenant_id", "partner_id", "word"],
    }


def test_every_unique_index_of_a_tenant_table_begins_with_the_tenant(db):
    """So the table can be partitioned or distributed by tenant: such a key is checked within one part."""
    found = rows(
        f"SELECT indrelid::regclass::text, indexrelid::regclass::text, {columns_of('indrelid', 'indkey')}"
        " FROM pg_index WHERE (indisunique OR indisexclusion) AND indrelid::regclass::text = ANY(%s)",
        [tenant_tables()],
    )
    assert len(found) >= len(tenant_tables())
    assert [row for row in found if row[2][0] != "tenant_id"] == []


def test_no_tenant_table_has_an_index_that_another_makes_needless(db):
    """The primary key finds by tenant and id; a second index on the same columns would only cost."""
    found = rows(
        "SELECT indrelid::regclass::text, array_agg(indexrelid::regclass::text) FROM pg_index"
        " WHERE indrelid::regclass::text = ANY(%s)"
        " GROUP BY indrelid, indkey::text, indoption::text, indclass::text, indexprs::text, indpred::text"
        " HAVING count(*) > 1",
        [tenant_tables()],
    )
    assert found == []


def test_every_reference_of_a_tenant_table_names_the_tenant(db):
    """A row refers to rows of its own tenant only; or to a global table, which every part of the data has."""
    owned, strange = set(tenant_tables()), []
    for table, columns, other, others in keys("f"):
        is_right = (
            (columns[0] == "tenant_id" and others == ["tenant_id", "id"] and len(columns) == 2)
            if other in owned
            else other in global_tables() and len(columns) == 1
        )
        if not is_right:
            strange.append((table, columns, other, others))
    assert strange == []


def test_every_field_that_refers_to_a_tenant_table_is_a_key_or_guarded_by_a_trigger(db):
    composite = {(table, columns[1]) for table, columns, *_ in keys("f") if len(columns) == 2}
    for model in filter(_is_owned, apps.get_models()):
        for field in model._meta.local_fields:
            target = field.related_model
            if not (isinstance(target, type) and _is_owned(target)) or model.__name__.endswith("Event"):
                continue
            guarded = getattr(field, "enforce", None) == "trigger" and _is_guarded(field)
            assert guarded or (model._meta.db_table, field.column) in composite, field


def _is_guarded(field) -> bool:
    """Whether statement triggers look at what is written, changed and deleted, and keep the parent's key."""
    table, other = field.model._meta.db_table, field.related_model._meta.db_table
    guards = dict(
        rows(
            "SELECT p.proname || ' ' || c.relname || ' ' || t.tgtype, string_agg(encode(t.tgargs, 'escape'), '\\000')"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE c.relname IN (%s, %s) AND p.proname ~ '_(exist|gone|stays|references|parent_deleted|renamed)$'"
            " GROUP BY 1",
            [table, other],
        )
    )
    if table == "orders_orderline":  # has functions of its own, which find both parents in one pass
        written = [f"orders_line_references {table} {kind}" for kind in (4, 16)]
        return all(key in guards for key in [*written, f"orders_line_parent_deleted {other} 8"])
    written = [guards.get(f"prm_references_exist {table} {kind}", "") for kind in (4, 16)]
    deleted = guards.get(f"prm_references_gone {other} 8", "")
    return (
        all(f"{field.column}\\000{other}" in each for each in written)
        and f"{table}\\000{field.column}" in deleted
        and f"prm_key_stays {other} 19" in guards
    )


def _is_owned(model: type[Model]) -> bool:
    return model._meta.db_table in set(tenant_tables())


def test_every_index_of_a_tenant_table_begins_with_the_tenant(db):
    """But for those of a person's own memberships, which are found before a tenant is chosen."""
    found = rows(
        f"SELECT indrelid::regclass::text, indexrelid::regclass::text, {columns_of('indrelid', 'indkey')}"
        " FROM pg_index WHERE indrelid::regclass::text = ANY(%s)",
        [tenant_tables()],
    )
    odd = {(table, *columns) for table, _, columns in found if columns[0] != "tenant_id"}
    assert odd == {("accounts_membership", "user_id")}


@pytest.fixture
def full_table(db):
    """The owner's connection in a transaction with 20,000 codes of one tenant, analysed; rolled back at the end."""
    tenant = str(uuid7())
    with owner_connection(tenant) as walled:
        walled.execute(
            "INSERT INTO orders_ignoredcode (id, tenant_id, scheme, normal, note, created_at)"
            " SELECT gen_random_uuid(), %s, '', 'code' || n, '', now() FROM generate_series(1, 20000) n",
            [tenant],
        )
        walled.execute("ANALYZE orders_ignoredcode")
        yield walled


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM orders_ignoredcode WHERE id = %s",
        "UPDATE orders_ignoredcode SET note = 'A' WHERE id = %s",
        "DELETE FROM orders_ignoredcode WHERE id = %s",
        "SELECT * FROM orders_ignoredcode p JOIN (SELECT %s::uuid AS id UNION ALL SELECT NULL) q ON q.id = p.id",
    ],
)
def test_looking_up_by_id_alone_uses_the_primary_key(full_table, query):
    """Row-level security adds the tenant, so that the key's first column is known too."""
    plan = "\n".join(r[0] for r in full_table.execute(f"EXPLAIN (COSTS OFF) {query}", [uuid7()]).fetchall())
    keyed = r"Scan using orders_ignoredcode_pkey .*\n +Index Cond: \(\(tenant_id = .* AND \(id = "
    assert re.search(keyed, plan), plan


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


def test_database_has_the_extensions_that_names_are_found_with(db):
    assert rows("SELECT similarity('Herrera', 'Herera') > 0.5, unaccent('Müller')") == [(True, "Muller")]
