"""How long the trail is kept: what the nightly run removes, says, and cannot remove."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from partners.directory import service as directory
from prm.accounts.middleware import actor_of
from prm.audit.keeping.models import AuditClearing, AuditRetention
from prm.audit.keeping.queries import years_kept
from prm.audit.keeping.service import forget_old, record_export, set_retention
from prm.audit.keeping.tasks import forget_everywhere
from prm.audit.trail.queries import every_line, page
from prm.audit.trail.sql import Asked
from prm.audit.trail.words import entries
from prm.core.errors import Refused
from prm.tenancy.context import acting_as, tenant_scope
from prm.tenancy.work.states import Slice
from tests.conftest import tasks_left_in_the_queue
from tests.partners.factories import make_partner


def age(table, years):
    """Add an event as old as that: the application may add events and change none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
            " WHERE table_name = %s AND column_name NOT IN ('pgh_id', 'pgh_created_at') AND is_generated = 'NEVER'",
            [table],
        )
        columns = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO {table} (pgh_created_at, {columns}) SELECT now() - make_interval(years => %s), {columns}"
            f" FROM {table} ORDER BY pgh_id LIMIT 1",
            [years],
        )


def lines(kind):
    return [line for some in every_line(Asked(kind=kind)) for line in some]


@pytest.fixture
def aged(in_mercy):
    """A partner with an event of today, one of three and one of eight years ago."""
    partner = make_partner("Old")
    for years in (3, 8):
        age("partners_partnerevent", years)
    return partner


def test_seven_years_are_kept_until_somebody_says_otherwise(aged):
    assert years_kept() == 7
    assert forget_old(5) == Slice.DONE
    assert len(lines("partners.partner")) == 2
    [clearing] = AuditClearing.objects.all()
    assert (clearing.lines, clearing.kinds) == (1, {"Partner": 1})
    [entry] = entries(page(Asked(kind="audit.auditclearing")).lines)
    assert "1 lines from before" in entry.what


def test_what_is_removed_is_what_the_tenant_chose(aged):
    set_retention(years=2)
    forget_old(5)
    assert len(lines("partners.partner")) == 1
    assert AuditClearing.objects.get().lines == 2


def test_kept_for_good_nothing_goes(aged):
    set_retention(years=None)
    assert years_kept() is None
    assert forget_old(5) == Slice.DONE
    assert len(lines("partners.partner")) == 3
    assert not AuditClearing.objects.exists()


def test_a_night_without_anything_old_says_nothing(in_mercy):
    make_partner("New")
    forget_old(5)
    assert not AuditClearing.objects.exists()


def test_without_time_left_there_is_more(aged):
    assert forget_old(-1) == Slice.MORE
    assert forget_old(5) == Slice.DONE


def test_another_tenants_years_are_its_own(aged, anchor):
    with tenant_scope(anchor.tenant):
        set_retention(years=1)
        forget_old(5)
        assert not AuditClearing.objects.exists()
    assert len(lines("partners.partner")) == 3


@pytest.mark.parametrize(
    "statement", ["DELETE FROM partners_partnerevent", "UPDATE partners_partnerevent SET pgh_label = 'x'"]
)
def test_the_application_can_neither_remove_nor_change_a_line(aged, statement):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["partners_partner", "accounts_apikey"])
def test_what_removes_lines_removes_nothing_else(aged, table):
    with (
        pytest.raises(DatabaseError, match="holds no events"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT audit_forget('{table}'::regclass, 100)")


def test_the_years_are_written_down_with_who_chose_them(in_mercy):
    with acting_as(actor_of(in_mercy.administrator, None, "page")):
        assert set_retention(years=3) == 7
        set_retention(years=3)
        set_retention(years=None)
    assert AuditRetention.objects.count() == 1
    last, first = entries(page(Asked(kind="audit.auditretention")).lines)
    assert (last.who, [(one.before, one.after) for one in last.changes]) == ("Alice", [("3", "–")])
    assert first.act == "insert"


@pytest.mark.parametrize("years", [0, 31, -1])
def test_years_out_of_bounds_are_refused(in_mercy, years):
    with pytest.raises(Refused):
        set_retention(years=years)


def test_a_manager_neither_exports_nor_chooses(in_mercy):
    with acting_as(actor_of(in_mercy.manager, None, "page")):
        with pytest.raises(PermissionDenied):
            set_retention(years=3)
        with pytest.raises(PermissionDenied):
            record_export(lines=1, file_format="csv", asked="all")
        with pytest.raises(PermissionDenied):
            forget_old(5)


def test_every_tenant_is_asked_every_night(mercy, anchor):
    from prm.tenancy.work.models import Job

    with tasks_left_in_the_queue():
        forget_everywhere()
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            assert Job.objects.filter(name="audit.forget_old").count() == 1


def test_the_first_change_after_the_years_says_that_what_was_before_is_not_kept(in_mercy):
    partner = make_partner("Old", city="Salem")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM partners_partnerevent")
    directory.update_partner(partner.pk, city="Boston")
    update = lines("partners.partner")[0]
    bare = type(update)(
        update.kind, update.number, update.at, update.act, update.object_id, update.context, update.row
    )
    assert {one.before for one in entries([bare])[0].changes} == {"not kept any more"}
