"""The tenant's own fields: added, renamed, ordered, archived; their choices."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from partners.directory.service import update_partner
from prm.core.errors import Refused
from prm.ownfields import service
from prm.ownfields.models import OwnField
from prm.ownfields.queries import fields_of
from prm.ownfields.rules import MOST_CHOICES, MOST_FIELDS
from prm.ownfields.values import values_of
from prm.tenancy.context import current_tenant, tenant_scope
from tests.conftest import make_house
from tests.partners.factories import make_partner


def add(name="Beds", kind="number", **more):
    return service.add_field(of="partner", name=name, **{"type": kind, **more})


def keys():
    return [field.key for field in fields_of(current_tenant(), "partner")]


def test_a_field_has_a_key_made_of_its_name_and_keeps_it(in_mercy):
    field = add("Contract until", "date")
    assert (field.key, field.known_as, field.place) == ("contract_until", "own_contract_until", 1)
    service.change_field(field.pk, name="Ends")
    assert keys() == ["contract_until"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": "beds"}, "called beds already"),
        ({"name": "Beds!"}, "key beds is taken"),
        ({"name": " "}, "Give the field a name"),
        ({"name": "x" * 61}, "At most 60"),
        ({"name": "★"}, "A key has small letters"),
        ({"name": "Y", "key": "beds_from"}, "does not end in"),
        ({"name": "Y", "type": "list"}, "one of: text, number"),
        ({"name": "Y", "type": "text", "choices": ["a"]}, "Only a choice"),
        ({"name": "Y", "type": "choice"}, "at least one choice"),
        ({"name": "Y", "type": "choice", "choices": ["a", "A "]}, "stands here twice"),
        ({"name": "Y", "type": "choice", "choices": [str(n) for n in range(MOST_CHOICES + 1)]}, "can be 60"),
    ],
)
def test_what_is_no_field_is_refused(in_mercy, more, words):
    add()
    with pytest.raises(Refused, match=words):
        add(**more)


def test_of_what_has_no_own_fields_none_is_made(in_mercy):
    with pytest.raises(Refused, match="there are: partner"):
        service.add_field(of="contact", name="Beds", type="number")


def test_there_is_a_limit(in_mercy):
    for number in range(MOST_FIELDS):
        add(f"Field {number}")
    with pytest.raises(Refused, match="can be 30"):
        add("One more")


def test_fields_are_put_into_an_order(in_mercy):
    for name in ("A", "B", "C"):
        add(name)
    service.move_field(OwnField.objects.get(key="c").pk, up=True)
    assert keys() == ["a", "c", "b"]
    service.order_fields("partner", ["b"])
    assert keys() == ["b", "a", "c"]


def test_a_choice_is_renamed_put_away_and_brought_back(in_mercy):
    field = add("Size", "choice", choices=["Small", "Large"])
    partner = make_partner(own={"size": "Large"})
    changed = service.change_field(field.pk, words=[("small", "Tiny"), ("", "Huge")])
    assert [(one.key, one.word, one.offered) for one in changed.options] == [
        ("small", "Tiny", True),
        ("huge", "Huge", True),
        ("large", "Large", False),
    ]
    assert values_of("partner", [partner.pk])[partner.pk] == {"size": "large"}
    back = service.change_field(field.pk, words=[("", "large"), ("small", "Tiny")])
    assert [(one.key, one.offered) for one in back.options][:2] == [("large", True), ("small", True)]


def test_an_archived_field_keeps_its_values(in_mercy):
    field = add()
    partner = make_partner(own={"beds": 12})
    service.change_field(field.pk, is_archived=True)
    assert keys() == []
    assert values_of("partner", [partner.pk])[partner.pk] == {}
    with pytest.raises(Refused, match="no own field"):
        update_partner(partner.pk, own={"beds": 13})
    service.change_field(field.pk, is_archived=False)
    assert values_of("partner", [partner.pk])[partner.pk] == {"beds": "12"}


def test_only_a_field_without_values_is_removed(in_mercy):
    field = add()
    partner = make_partner(own={"beds": 1})
    with pytest.raises(Refused, match="Archive it"):
        service.remove_field(field.pk)
    update_partner(partner.pk, own={"beds": None})
    service.remove_field(field.pk)
    assert keys() == []


def test_another_tenant_has_other_fields(in_mercy, anchor):
    add()
    with tenant_scope(anchor.tenant):
        assert list(fields_of(current_tenant(), "partner")) == []


def test_the_command_does_the_same(in_mercy, capsys):
    call_command(
        "own_fields", tenant="mercy", add="Size", type="choice", choices=["Small", "Large"], json=True
    )
    assert json.loads(capsys.readouterr().out)["fields"][0]["key"] == "size"
    call_command("own_fields", tenant="mercy", change="size", name="How large", choices=["Large", "Small"])
    assert "partner size: How large (choice; Large, Small)" in capsys.readouterr().out
    call_command("own_fields", tenant="mercy", change="size", archive=True)
    assert "archived" in capsys.readouterr().out
    call_command("own_fields", tenant="mercy", remove="size")
    assert "No own fields yet." in capsys.readouterr().out
    with pytest.raises(CommandError, match="no field of partner"):
        call_command("own_fields", tenant="mercy", change="nothing")


def test_the_command_reads_and_writes_where_no_transaction_is_open(transactional_db):
    """As in a terminal: every other test runs inside of one."""
    make_house("mercy", ("alice", "bob", "mary"))

    def said(*arguments):
        out = StringIO()
        call_command("own_fields", "--tenant", "mercy", *arguments, stdout=out)
        return out.getvalue()

    assert "order ward: Ward (text)" in said("--of", "order", "--add", "Ward")
    assert "Wing (text; archived)" in said("--of", "order", "--change", "ward", "--name", "Wing", "--archive")
    assert said("--of", "order", "--remove", "ward") == "No own fields yet.\n"
