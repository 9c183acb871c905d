"""A code belongs to the scheme of the system that sends it: 1001 of Meditech is not 1001 of Epic."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from orders.attribution import service
from orders.attribution.models import Answer
from orders.book.models import IgnoredCode, Order
from partners.directory.models import Partner, ReferralCode
from partners.directory.service import add_code
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import
from tests.partners.factories import make_partner

NAMED = {"columns": COLUMNS | {"partner_name": "Name"}}


def send(source, *rows):
    return run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,Name"))


def owners():
    return {order.number: order.partner and order.partner.name for order in Order.objects.all()}


def test_sources_of_different_schemes_do_not_share_codes(in_mercy):
    hospital = make_source("hospital", code_scheme="Meditech", create_partners=True, **NAMED)
    clinic = make_source("clinic", code_scheme="Epic", create_partners=True, **NAMED)
    send(hospital, "S1,2026-05-02,1001,A,1,100,Dr North")
    send(clinic, "S2,2026-05-02,1001,A,1,900,Dr South")
    assert owners() == {"S1": "Dr North", "S2": "Dr South"}
    assert sorted(ReferralCode.objects.values_list("scheme", "normal")) == [
        ("Epic", "1001"),
        ("Meditech", "1001"),
    ]


@pytest.mark.parametrize("first", ["", "Meditech"])
def test_a_source_without_a_scheme_does_not_share_codes_with_one_that_has(in_mercy, first):
    second = "" if first else "Meditech"
    one = make_source("one", code_scheme=first, create_partners=True, **NAMED)
    two = make_source("two", code_scheme=second, create_partners=True, **NAMED)
    send(one, "S1,2026-05-02,1001,A,1,100,Dr North")
    send(two, "S2,2026-05-02,1001,A,1,900,Dr South")
    assert owners() == {"S1": "Dr North", "S2": "Dr South"}


def test_sources_of_one_scheme_share_codes_however_they_write_it(in_mercy):
    send(make_source("a", code_scheme="NPI", create_partners=True, **NAMED), "1,2026-05-02,77,A,1,1,Dr North")
    send(make_source("b", code_scheme=" npi", **NAMED), "2,2026-05-02,77,A,1,1,Somebody")
    assert owners() == {"1": "Dr North", "2": "Dr North"}


def test_a_code_under_a_label_of_people_holds_for_every_system(in_mercy):
    make_partner("Dr North", codes=[("agent number", "77")])
    import_rows(make_source("a"), "1,2026-05-02,77,A,1,1")
    import_rows(make_source("b", code_scheme="Epic"), "2,2026-05-02,77,A,1,1")
    assert owners() == {"1": "Dr North", "2": "Dr North"}


def test_a_code_that_two_partners_have_under_labels_waits_and_makes_nobody(in_mercy):
    make_partner("Dr North", codes=[("agent number", "77")])
    make_partner("Dr South", codes=[("customer number", "77")])
    import_rows(make_source("a", create_partners=True), "1,2026-05-02,77,A,1,1")
    assert owners() == {"1": None}
    assert Partner.objects.count() == 2


@pytest.fixture
def two_systems(in_mercy):
    meditech, epic = (
        make_source("hospital", code_scheme="Meditech"),
        make_source("clinic", code_scheme="Epic"),
    )
    import_rows(meditech, "S1,2026-05-02,1001,A,1,100")
    import_rows(epic, "S2,2026-05-02,1001,A,1,900", "S3,2026-05-03,1001,A,1,9")
    return meditech, epic


def test_the_queue_has_an_entry_for_each_scheme_and_an_answer_is_for_one(two_systems):
    assert [(w.code, w.scheme, w.orders) for w in service.waiting()] == [
        ("1001", "Epic", 2),
        ("1001", "Meditech", 1),
    ]
    assert service.waiting_codes() == 2
    south = make_partner("Dr South")
    with pytest.raises(Refused, match=r"several systems \(Epic, Meditech\)"):
        service.tie_code("1001", partner_id=south.pk)
    assert service.tie_code("1001", scheme="Epic", partner_id=south.pk)[:2] == (2, Decimal(909))
    assert owners() == {"S1": None, "S2": "Dr South", "S3": "Dr South"}
    assert [w.scheme for w in service.waiting()] == ["Meditech"]
    assert service.untie_code("1001", scheme="epic") == 2
    assert not PartnerMonth.objects.exists()


def test_a_code_set_aside_in_one_system_goes_on_waiting_in_the_other(two_systems):
    assert service.ignore_code("1001", scheme="Epic").orders == 2
    assert [w.scheme for w in service.waiting()] == ["Meditech"]
    service.unignore_code("1001", scheme="EPIC")
    assert service.waiting_codes() == 2


def test_a_code_set_aside_makes_no_partner_in_its_own_system_only(in_mercy):
    IgnoredCode.objects.create(scheme="Epic", normal="1001")
    import_rows(make_source("clinic", code_scheme="epic", create_partners=True), "1,2026-05-02,1001,A,1,1")
    import_rows(
        make_source("hospital", code_scheme="Meditech", create_partners=True), "2,2026-05-02,1001,A,1,1"
    )
    assert owners() == {"1": None, "2": "1001"}


def test_a_code_added_to_a_partner_ties_the_orders_of_its_system_only(two_systems):
    add_code(make_partner("Dr North").pk, scheme="meditech", code="1001")
    assert owners() == {"S1": "Dr North", "S2": None, "S3": None}


def test_the_code_of_another_system_is_no_evidence(two_systems):
    add_code(make_partner("Dr North").pk, scheme="Meditech", code="44001001")
    import_rows(two_systems[1], "S4,2026-05-02,44001001,A,1,1")
    entry = next(w for w in service.waiting() if w.code == "44001001")
    assert service.suggestions_for([entry])[entry.key] == []


def test_the_page_ties_the_entry_it_shows(alice, mercy):
    with tenant_scope(mercy.tenant):
        import_rows(make_source("hospital", code_scheme="Meditech"), "S1,2026-05-02,1001,A,1,100")
        import_rows(make_source("clinic", code_scheme="Epic"), "S2,2026-05-02,1001,A,1,900")
        north = make_partner("Dr North")
    page = alice.get("/t/mercy/orders/unattributed/?code=1001&scheme=Meditech")
    assert b'name="scheme" value="Meditech"' in page.content
    answer = {"code": "1001", "scheme": "Meditech", "partner": str(north.pk)}
    alice.post("/t/mercy/orders/unattributed/tie/", answer)
    with tenant_scope(mercy.tenant):
        assert owners() == {"S1": "Dr North", "S2": None}
        given = Answer.objects.get()
        assert (given.code, given.scheme) == ("1001", "Meditech")
    alice.post(f"/t/mercy/orders/unattributed/settled/{given.pk}/undo/")
    with tenant_scope(mercy.tenant):
        assert owners() == {"S1": None, "S2": None}


def test_codes_that_were_in_use_before_there_were_schemes_go_on_being_attributed(in_mercy):
    """The migration: before it a code was one partner's in all systems."""
    hospital, clinic = make_source("hospital", code_scheme="Meditech"), make_source("clinic")
    north = make_partner("Dr North", codes=[("Meditech", "1001"), ("Meditech", "1002")])
    IgnoredCode.objects.create(normal="9999")
    import_rows(hospital, "S1,2026-05-02,1001,A,1,1", "S2,2026-05-02,1002,A,1,1")
    import_rows(clinic, "S3,2026-05-02,1001,A,1,1")
    service.tie_orders(
        list(Order.objects.filter(number="S3").values_list("pk", flat=True)), partner_id=north.pk
    )
    migration = import_module("orders.migrations.0004_codes_in_use_keep_their_partner")
    with connection.schema_editor() as editor:
        migration.keep(apps, editor)
    with tenant_scope(in_mercy.tenant):
        codes = sorted(ReferralCode.objects.values_list("scheme_key", "normal", "partner__name"))
        assert codes == [
            ("", "1001", "Dr North"), ("meditech", "1001", "Dr North"), ("meditech", "1002", "Dr North"),
        ]  # fmt: skip
        assert sorted(IgnoredCode.objects.values_list("scheme_key", "normal")) == [
            ("", "9999"),
            ("meditech", "9999"),
        ]
