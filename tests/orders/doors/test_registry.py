"""Doors are found by themselves; a wrong one stops the start with its name."""

import sys
from datetime import timedelta
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

from orders.doors import registry
from orders.doors.base import Credential, Door
from orders.doors.files.forms import UploadForm
from orders.sources import kinds
from orders.sources.models import OrderSource
from tests.orders.factories import make_source
from tests.orders.pages import url, words


@pytest.fixture
def package(monkeypatch):
    """Make a package `fax` whose `door.py` holds what is given."""

    def make(**names):
        door = ModuleType("fax.door")
        vars(door).update(names)
        monkeypatch.setitem(sys.modules, "fax", ModuleType("fax"))
        monkeypatch.setitem(sys.modules, "fax.door", door)
        return "fax"

    return make


def test_every_package_of_the_room_is_a_door_and_a_kind_of_source():
    assert kinds.choices() == [("file", "Files (CSV, XLSX)"), ("rest", "REST")]
    for key, label in kinds.choices():
        assert registry.get(key).label == label


def test_source_shows_the_words_of_its_door(in_mercy):
    assert OrderSource(kind="rest").get_kind_display() == "REST"


def test_package_without_a_door_stops_the_start(package):
    with pytest.raises(ImproperlyConfigured, match=r"fax\.door declares no DOOR"):
        registry.load(package(DOR=Door(key="fax", label="Fax")))
    with pytest.raises(ImproperlyConfigured, match=r"fax\.door declares no DOOR"):
        registry.load(package(DOOR="fax"))


def test_door_that_cannot_be_imported_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match=r"The door no\.such\.package cannot be imported"):
        registry.load("no.such.package")


@pytest.mark.parametrize("key", ["", "two words", "much_too_long"])
def test_key_that_no_source_could_hold_stops_the_start(package, key):
    with pytest.raises(ImproperlyConfigured, match="fax"):
        registry.load(package(DOOR=Door(key=key, label="Fax")))


def test_good_door_is_taken(package):
    door = Door(key="fax", label="Fax")
    assert registry.load(package(DOOR=door)) is door


def test_discovering_twice_is_discovering_once():
    registry.discover()
    assert len(kinds.choices()) == len(set(kinds.choices()))


@pytest.mark.parametrize("key", [None, "", "file", "rest", "fax"])
def test_people_are_given_the_form_of_the_door_they_ask_for_or_the_first(key):
    assert registry.for_people(key) == ("file", UploadForm)


def test_form_offers_active_sources_of_the_tenant_in_scope(in_mercy, anchor):
    from prm.tenancy.context import tenant_scope
    from tests.orders.factories import make_source

    make_source("Meditech")
    OrderSource.objects.filter(pk=make_source("Old").pk).update(is_active=False)
    with tenant_scope(anchor.tenant):
        make_source("Theirs")
    assert [source.name for source in UploadForm().fields["source"].queryset] == ["Meditech"]


def test_door_says_in_words_what_it_needs():
    door = Door(
        key="sql",
        label="SQL",
        schedule=timedelta(minutes=10),
        credentials=(Credential("dsn", "a read-only account"),),
    )
    assert door.needs == "a read-only account; looks every 10 minutes"
    assert registry.get("file").needs == ""


def test_pages_say_what_doors_there_are(alice, scope, monkeypatch):
    fax = Door(key="fax", label="Fax", form=UploadForm, credentials=(Credential("line", "a telephone line"),))
    monkeypatch.setitem(registry._doors, "fax", fax)
    monkeypatch.setitem(kinds._labels, "fax", fax.label)
    monkeypatch.setitem(kinds._needs, "fax", fax.needs)
    with scope():
        source = make_source()
        source.kind = "fax"
        source.save()
    assert "a telephone line" in words(alice.get(url("sources")))
    page = alice.get(url("import") + "?door=fax").content.decode()
    assert f'href="{url("import")}?door=file"' in page
    assert 'aria-current="page">Fax' in page
