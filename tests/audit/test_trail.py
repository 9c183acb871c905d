"""The audit trail: who changed what, by which door, before and after, in words; asked for, paged, walled."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.visits.models import Visit
from partners.directory import service as directory
from partners.directory.models import Partner
from partners.kinds.service import change_kind
from partners.merges.service import merge_partners
from prm.accounts.keys import create_key
from prm.accounts.middleware import actor_of
from prm.accounts.rights import Right
from prm.audit.keeping.queries import years_kept
from prm.audit.trail import sql
from prm.audit.trail.events import kinds
from prm.audit.trail.queries import count, every_line, page
from prm.audit.trail.registry import FieldWords, register
from prm.audit.trail.sql import Asked
from prm.audit.trail.states import Act, Door
from prm.audit.trail.words import door_of, entries
from prm.core.errors import Refused
from prm.ownfields.service import add_field
from prm.tenancy.audit import DoorOf
from prm.tenancy.context import Actor, acting_as, tenant_scope
from tests.activities import factories as activities
from tests.partners.factories import make_estimate, make_partner

NIGHT = Actor(kind="task", door="task", label="partners.recompute_everybody")
PULL = Actor(kind="salesforce", door="salesforce", label="Salesforce")
IMPORT = Actor(kind="import", door="file", label="Bob")


def latest(**asked):
    """The entries asked for, the newest first."""
    return entries(page(Asked(**asked)).lines)


def by(member, door="page"):
    return acting_as(actor_of(member, None, door))


@pytest.fixture
def herrera(in_mercy):
    with by(in_mercy.administrator):
        return make_partner("Dr. Tomás Herrera", phone="555 010", rep=in_mercy.rep)


# --- words -----------------------------------------------------------------------------------------


def test_a_change_is_told_by_labels_and_names_never_by_ids(in_mercy, herrera):
    with by(in_mercy.manager):
        directory.update_partner(
            herrera.pk, phone="555 020", rep=in_mercy.manager, kind="dealer", email="a@b.example"
        )
    [entry] = latest(act="update", kind="partners.partner")
    assert (entry.who, entry.door, entry.what, entry.kind) == (
        "Bob",
        Door.PAGE,
        "Dr. Tomás Herrera",
        "Partner",
    )
    told = {one.label: (one.before, one.after) for one in entry.changes}
    assert told == {
        "Kind": ("Agent", "Dealer"),
        "E-mail": ("–", "a@b.example"),
        "Phone": ("555 010", "555 020"),
        "Rep": ("Mary (Rep)", "Bob (Manager)"),
    }
    assert entry.url == herrera.get_absolute_url()
    assert entry.more == 2


def test_the_word_of_a_kind_is_the_tenants_own(in_mercy, herrera):
    change_kind("dealer", singular="Clinic", plural="Clinics")
    directory.update_partner(herrera.pk, kind="dealer")
    [entry] = latest(act="update", kind="partners.partner")
    assert [one.after for one in entry.changes] == ["Clinic"]


def test_what_is_about_a_partner_names_it_and_money_has_its_currency(in_mercy, herrera):
    make_estimate(herrera, 100, 200, 300)
    [entry] = latest(kind="partners.shareestimate")
    assert (entry.what, entry.act) == ("Dr. Tomás Herrera", Act.ADDED)
    assert ("–", "$200.00") in [(one.before, one.after) for one in entry.changes]


def test_a_row_that_is_gone_keeps_its_name_and_what_it_held(in_mercy, herrera):
    with by(in_mercy.manager, "api"):
        directory.remove_partner(herrera.pk)
    [entry] = latest(act="delete", kind="partners.partner")
    assert (entry.what, entry.url, entry.door) == ("Dr. Tomás Herrera", "", Door.API)
    assert ("555 010", "–") in [(one.before, one.after) for one in entry.changes]


def test_what_a_line_refers_to_may_be_gone_as_well(in_mercy, herrera):
    contact = make_partner("Practice", kind="practice")
    directory.update_partner(herrera.pk, organisation=contact)
    directory.update_partner(herrera.pk, organisation=None)
    directory.remove_partner(contact.pk)
    first, second = latest(act="update", kind="partners.partner")
    assert [(one.before, one.after) for one in first.changes] == [("an entry that is gone", "–")]
    assert [(one.before, one.after) for one in second.changes] == [("–", "an entry that is gone")]


def test_no_kind_shows_a_secret(in_mercy):
    shown = {f"{kind.key}.{field.name}" for kind in kinds().values() for field in kind.fields}
    assert [name for name in shown if "secret" in name or "hash" in name or "token" in name] == []
    assert "accounts.apikey.prefix" in shown
    key, secret = create_key(name="Feed", scopes=["orders:write"], created_by=None)
    told = str(latest(kind="accounts.apikey"))
    assert "Feed" in told
    assert secret not in told
    assert key.secret_hash not in told


def test_no_line_of_the_demo_shows_an_id_alone(demo):
    """Every kind of row that the demo changes, every field of it: words, numbers and names."""
    with tenant_scope(demo):
        seen = set()
        for kind in kinds().values():
            for entry in entries(page(Asked(kind=kind.key), most=20).lines):
                seen.add(kind.key)
                for text in (
                    entry.what,
                    entry.detail,
                    *(t for one in entry.changes for t in (one.before, one.after)),
                ):
                    assert not _is_id(text), (kind.key, text)
                assert entry.what
    assert len(seen) > 12


def _is_id(text):
    return len(text) == 36 and text.count("-") == 4


def test_words_of_one_field_are_declared_once(in_mercy):
    register([])
    with pytest.raises(ValueError, match="Two words of the audit trail"):
        register([FieldWords(key="partners.Partner.kind", words=str)])


# --- doors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "door"),
    [
        (NIGHT, Door.TASK),
        (PULL, Door.SALESFORCE),
        (IMPORT, Door.IMPORT),
        (Actor(kind="command", door="command", label="policy"), Door.COMMAND),
        (Actor(kind="key", door="api", label="Feed", rights=frozenset(Right)), Door.API),
        (Actor(kind="invitation", door="page", label="x", rights=frozenset(Right)), Door.PAGE),
        (Actor(kind="system", door="none", label="PRM"), Door.OTHER),
    ],
)
def test_each_door_is_found_and_called_the_same(in_mercy, herrera, actor, door):
    with acting_as(actor):
        directory.update_partner(herrera.pk, city=f"City of {door}")
    [entry] = latest(door=door.value, kind="partners.partner", act="update")
    assert entry.door == door
    assert [one.after for one in entry.changes] == [f"City of {door}"]
    for other in set(Door.values) - {door.value}:
        assert latest(door=other, kind="partners.partner", act="update") == []


def test_the_rule_of_doors_is_one_in_sql_and_in_python(in_mercy):
    for kind in ("user", "key", "import", "salesforce", "task", "command", "system", None):
        for door in ("page", "api", "file", "none", None):
            context = {"kind": kind, "door": door}
            with connection.cursor() as cursor:
                rule = DoorOf.template.replace("%(expressions)s", "pgh_context")
                cursor.execute(
                    f"SELECT {rule} FROM (SELECT %s::jsonb AS pgh_context) AS e", [json.dumps(context)]
                )
                assert cursor.fetchone()[0] == door_of(context).value, context


# --- asking ----------------------------------------------------------------------------------------


def test_filters_by_person_time_and_row(in_mercy, herrera):
    with by(in_mercy.manager):
        directory.update_partner(herrera.pk, city="Salem")
    other = make_partner("Another")
    assert {one.who for one in latest(user_id=in_mercy.manager.user_id)} == {"Bob"}
    moment = page(Asked(kind="partners.partner", act="update")).lines[0].at
    assert latest(kind="partners.partner", until=moment, about=(other.pk,)) == []
    assert len(latest(kind="partners.partner", since=moment, about=(other.pk,))) == 1
    assert latest(since=datetime(2099, 1, 1, tzinfo=UTC)) == []
    assert latest(kind="nonsense.kind") == []
    assert latest(about=()) == []


def test_a_partners_history_holds_what_is_about_it_once(in_mercy, herrera):
    other = make_partner("Tomas Herrera")
    directory.add_code(herrera.pk, scheme="", code="H1")
    activities.visit(herrera, in_mercy.rep)
    make_estimate(other, 1, 2, 3)
    merge_partners(herrera.pk, merged_id=other.pk)
    found = latest(about=(herrera.pk,))
    assert {"partner", "referral code", "visit", "partner merge", "share estimate"} <= {
        one.kind.lower() for one in found
    }
    assert len({one.key for one in found}) == len(found)
    assert count(Asked(about=(herrera.pk, other.pk))) == len(latest(about=(herrera.pk, other.pk)))


def test_pages_walk_to_the_end_and_back_each_line_once(in_mercy):
    for number in range(7):
        directory.add_code(make_partner(f"Partner {number}").pk, scheme="", code=f"C{number}")
    whole = [line.key for lines in every_line(Asked()) for line in lines]
    there, cursor, last = [], "", None
    while True:
        last = page(Asked(), cursor=cursor, most=3)
        there += [line.key for line in last.lines]
        if not last.older:
            break
        cursor = last.older
    assert there == whole
    assert len(set(whole)) == len(whole) > 14
    back, cursor = [line.key for line in last.lines], last.newer
    while cursor:
        before = page(Asked(), cursor=cursor, most=3)
        back = [line.key for line in before.lines] + back
        cursor = before.newer
    assert back == whole


def test_lines_that_are_added_meanwhile_move_no_page(in_mercy):
    for number in range(4):
        make_partner(f"Partner {number}")
    first = page(Asked(kind="partners.partner"), most=2)
    make_partner("Meanwhile")
    second = page(Asked(kind="partners.partner"), cursor=first.older, most=2)
    assert [line.row["name"] for line in (*first.lines, *second.lines)] == [
        f"Partner {n}" for n in (3, 2, 1, 0)
    ]


def test_a_cursor_that_is_not_ours_is_refused(in_mercy):
    with pytest.raises(Refused):
        page(Asked(), cursor="x:y")


def test_a_page_costs_the_same_however_many_lines(in_mercy, herrera):
    def queries_of(most):
        with CaptureQueriesContext(connection) as caught:
            entries(page(Asked(kind="partners.partner"), most=most).lines)
        return len(caught)

    for number in range(12):
        directory.update_partner(make_partner(f"P {number}", rep=in_mercy.rep).pk, city="X")
    assert queries_of(3) == queries_of(24) <= 6


def test_another_tenants_lines_are_not_there(in_mercy, herrera, anchor):
    with tenant_scope(anchor.tenant):
        assert latest(about=(herrera.pk,)) == []
        assert latest(kind="partners.partner") == []
        assert latest(user_id=in_mercy.administrator.user_id) == []


# --- weight ----------------------------------------------------------------------------------------


def _rows_read(plan):
    own = plan.get("Actual Rows", 0) * plan.get("Actual Loops", 1) if "Scan" in plan["Node Type"] else 0
    return own + sum(_rows_read(one) for one in plan.get("Plans", []))


@pytest.mark.parametrize("door", ["", "page", "salesforce", "import"])
@pytest.mark.parametrize("person", [False, True])
def test_few_rows_are_read_of_many(in_mercy, herrera, door, person):
    """Among 30,000 imported lines a page reads about as many rows as it shows, whoever and whichever door is asked for."""
    columns = ", ".join(
        field.column
        for field in Partner.pgh_event_model._meta.concrete_fields
        if field.name not in {"pgh_id", "pgh_context", "pgh_door", "pgh_person"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO partners_partnerevent ({columns}, pgh_context) SELECT {columns}, %s::jsonb"
            " FROM partners_partnerevent, generate_series(1, 30000) WHERE pgh_obj_id = %s AND pgh_label = 'insert'",
            [json.dumps({"kind": "import", "door": "file", "label": "Feed", "user_id": None}), herrera.pk],
        )
        # Nobody has counted the rows of this transaction: the planner is told which way indexes make possible.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        asked = Asked(door=door, user_id=in_mercy.administrator.user_id if person else None)
        statement, values = sql.select_lines(asked, in_mercy.tenant.pk, most=51, after=None, newer=False)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    assert _rows_read(plan[0]["Plan"]) < 51 * len(kinds()) * 2
    assert Decimal(str(plan[0]["Execution Time"])) < 200


def test_visits_have_a_history(in_mercy, herrera):
    visit = activities.visit(herrera, in_mercy.rep)
    assert Visit.objects.filter(pk=visit.pk).exists()
    assert [one.kind for one in latest(about=(visit.pk,))] == ["Visit"]
    assert years_kept() == 7


def test_an_own_field_is_told_by_its_own_name_and_words(in_mercy):
    add_field(of="partner", name="Contract until", type="date")
    add_field(of="partner", name="Size", type="choice", choices=["Small", "Large"])
    add_field(of="partner", name="Beds", type="number")
    partner = make_partner("Elm Street")
    steps = [
        (
            {"contract_until": "2027-03-01", "size": "small", "beds": "12.5"},
            {"Contract until", "Size", "Beds"},
        ),
        ({"size": "large"}, {"Size"}),
        ({"beds": None}, {"Beds"}),
    ]
    told = []
    for said, _ in steps:
        directory.set_own({partner.pk: said})
        told.append(latest(kind="partners.partnervalue")[: len(said)])
    assert {
        (one.detail, one.changes[0].label, one.changes[0].before, one.changes[0].after) for one in told[0]
    } == {
        ("Contract until", "Contract until", "–", "1 Mar 2027"),
        ("Size", "Size", "–", "Small"),
        ("Beds", "Beds", "–", "12.5"),
    }
    assert told[1][0].sentence == "Own field of a partner changed: Size Small → Large"
    assert [(one.label, one.before, one.after) for one in told[2][0].changes] == [("Beds", "12.5", "–")]
    assert {one.what for some in told for one in some} == {"Elm Street"}
