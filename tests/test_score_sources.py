"""A new score is asked for by the database: every table a score is computed from notes its changes.

Two halves of one rule: whatever the computation reads is declared as a source, and every declared source
notes insertions, deletions and updates of its columns, whoever makes them.
"""

import re
from datetime import date

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.campaigns.counting.models import WebDay
from activities.market.names.service import rename
from activities.plans.service import set_call_plan
from partners.policy.queries import policy_in_force
from partners.standing import registry, triggers
from partners.standing.compute import compute
from partners.standing.models import StandingRequest
from partners.standing.service import recompute_standings
from tests.activities import factories as make
from tests.activities.campaigns import factories as campaigns
from tests.partners.factories import make_estimate, make_months

# What the computation reads besides its sources: what it has written itself.
OWN_RESULTS = {"partners_standing", "partners_standingmonth"}
EVERYBODY = None

CHANGED = {
    "date": "{} + interval '10 years'",
    "timestamp with time zone": "coalesce({}, now()) + interval '1 day'",
    "numeric": "coalesce({}, 0) + 1",
    "integer": "{} + 1",
    "smallint": "{} + 1",
    "character varying": "CASE WHEN {} = 'won' THEN 'lost' ELSE 'won' END",
    "jsonb": """'{{"revenue": 1}}'""",
    "uuid": "gen_random_uuid()",
    "boolean": "NOT {}",
}
# What goes only with another column.
TOGETHER = {"closed_at": "now(), state = 'won'"}
COLUMNS = [(source, column) for source in registry.sources() for column in source.columns]


@pytest.fixture
def elena(in_mercy):
    """A partner with everything that a score can rest on, and no note left."""
    elena = make.partner()
    make_months(elena, date(2026, 10, 1), [500] * 14)
    make_estimate(elena, 3_000, 6_000, 9_000)
    recompute_standings([elena.pk], as_of=date(2026, 9, 30))
    make.visit(elena, in_mercy.rep)
    make.insight(elena, in_mercy.rep, outcome="won")
    make.opportunity(elena)
    set_call_plan(partner=elena, visits=2)
    campaign = campaigns.running(elena)
    WebDay.objects.create(
        partner=elena, campaign=campaign, link=campaign.links.get(), day=date(2026, 10, 20), visits=1
    )
    StandingRequest.objects.all().delete()
    return elena


def noted():
    return set(StandingRequest.objects.values_list("partner_id", flat=True))


def execute(sql):
    """Run SQL as somebody would by hand, as the application's role, and forget what it did."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A confirmed version keeps its figures; what follows from a change of them is noted all the same.
        cursor.execute("UPDATE partners_standingpolicy SET is_confirmed = false")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0].endswith("app")
        for statement in sql:
            StandingRequest.objects.all().delete()
            cursor.execute(statement)
        found = noted()
        transaction.set_rollback(True)
    return found


def moved_by(source, elena):
    return {EVERYBODY} if source.partners == registry.EVERYBODY else {elena.pk}


@pytest.mark.parametrize(("source", "column"), COLUMNS, ids=[f"{s.table}.{c}" for s, c in COLUMNS])
def test_an_update_of_a_column_is_noted(elena, source, column):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [source.table, column],
        )
        changed = TOGETHER.get(column) or CHANGED[cursor.fetchone()[0]].format(column)
    assert execute([f"UPDATE {source.table} SET {column} = {changed}"]) == moved_by(source, elena)


@pytest.mark.parametrize("source", registry.sources(), ids=lambda source: source.table)
def test_an_update_that_changes_nothing_is_not_noted(elena, source):
    assert execute([f"UPDATE {source.table} SET {column} = {column}" for column in source.columns]) == set()
    assert execute([f"UPDATE {source.table} SET {source.columns[0]} = NULL WHERE false"]) == set()


def written_columns(table):
    """The columns of a table that are not made from others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


# Whether months still refer to a partner is looked at as the partner goes; what their going notes is not the question.
WITHOUT_MONTHS = ("DELETE FROM partners_partnermonth", f"DELETE FROM {StandingRequest._meta.db_table}")


@pytest.mark.parametrize("source", registry.sources(), ids=lambda source: source.table)
def test_an_insertion_and_a_deletion_are_noted(elena, source):
    columns = ", ".join(written_columns(source.table))
    kept = f"CREATE TEMPORARY TABLE kept_rows ON COMMIT DROP AS SELECT {columns} FROM {source.table}"
    deletion, insertion = (
        f"DELETE FROM {source.table}",
        f"INSERT INTO {source.table} ({columns}) SELECT * FROM kept_rows",
    )
    # The words of a partner's name go with it as Django deletes, and come back by themselves.
    words = "DELETE FROM partners_partnerword"
    first = [kept, words, *WITHOUT_MONTHS] if source.table == "partners_partner" else [kept, words]
    assert execute([*first, deletion]) == moved_by(source, elena)
    assert execute([*first, deletion, insertion]) == moved_by(source, elena)


def test_a_row_that_moves_to_another_partner_concerns_both(elena):
    other = make.partner("Dr. Samuel Okafor")
    sql = f"UPDATE activities_visit SET partner_id = '{other.pk}'"
    assert execute([sql]) == {elena.pk, other.pk}


def test_a_new_competitor_moves_nobody_and_a_renamed_one_who_met_it(elena):
    competitor = make.insight(make.partner("Dr. Samuel Okafor"), None, competitor="Alpha").competitor
    StandingRequest.objects.all().delete()
    make.insight(elena, None, competitor="Beta")
    assert noted() == {elena.pk}
    StandingRequest.objects.all().delete()
    rename(row=competitor, name="Gamma")
    assert noted() == {competitor.insights.get().partner_id}


def test_a_tenant_s_changes_are_noted_for_that_tenant_alone(elena, anchor):
    from prm.tenancy.context import bound_tenant

    with bound_tenant(anchor.tenant):
        StandingRequest.objects.all().delete()
    execute(["UPDATE activities_visit SET happened_at = happened_at - interval '1 day'"])
    with bound_tenant(anchor.tenant):
        assert noted() == set()


# --- what is read is declared -----------------------------------------------------------------


def tables_read(queries):
    """The tables of ours that queries read."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    read = re.findall(r'(?:FROM|JOIN)\s+"?(\w+)"?', "\n".join(query["sql"] for query in queries))
    return ours & set(read)


def undeclared(queries):
    return tables_read(queries) - {source.table for source in registry.sources()} - OWN_RESULTS


def test_whatever_a_computation_reads_is_a_source(elena):
    with CaptureQueriesContext(connection) as queries:
        for day in (date(2026, 10, 31), date(2026, 8, 31)):
            compute([elena.pk], day, policy_in_force(), reasons=True)
    assert undeclared(queries) == set()
    assert {source.table for source in registry.sources()} == tables_read(queries) - OWN_RESULTS


@pytest.mark.parametrize("component", registry.components(), ids=lambda component: component.key)
def test_whatever_a_component_reads_is_a_source(elena, monkeypatch, component):
    queries = []

    def measured(context):
        with CaptureQueriesContext(connection) as own:
            found = component.measure(context)
        queries.extend(own)
        return found

    watched = registry.Component(
        component.key, component.label, 10, component.order, measured, component.explain
    )
    monkeypatch.setitem(registry._registry, component.key, watched)
    compute([elena.pk], date(2026, 10, 31), policy_in_force())
    assert undeclared(queries) == set()


def test_a_table_that_is_read_and_not_declared_is_noticed(elena, monkeypatch):
    monkeypatch.delitem(registry._sources, "activities_insight")
    with CaptureQueriesContext(connection) as queries:
        compute([elena.pk], date(2026, 10, 31), policy_in_force())
    assert undeclared(queries) == {"activities_insight"}


# --- declarations -----------------------------------------------------------------------------


def test_an_app_declares_tables_of_its_own(db):
    for config in apps.get_app_configs():
        module = f"{config.name}.score_components"
        try:
            declared = __import__(module, fromlist=["SOURCES"]).SOURCES
        except ModuleNotFoundError:
            continue
        assert {source.model._meta.app_label for source in declared} <= {config.label}


def test_installed_triggers_are_those_declared(db):
    declared = triggers.bodies(registry.sources())
    assert triggers.TRIGGERS.outdated(connection, declared) == []
    assert len(triggers.TRIGGERS.installed(connection)) == len(declared)
