"""What other apps contribute: found by name, and never silently missing."""

import sys
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

from prm.core import registry


@pytest.fixture
def contribution(monkeypatch):
    """Make `activities.gifts` a module that can be discovered, with these attributes."""

    def make(**attributes):
        module = ModuleType("activities.gifts")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, "activities.gifts", module)
        monkeypatch.setattr(
            registry,
            "module_has_submodule",
            lambda package, name: (package.__name__, name) == ("activities", "gifts"),
        )
        return module

    return make


def test_modules_of_all_apps_and_rooms_are_found(monkeypatch):
    asked = []
    monkeypatch.setattr(
        registry, "module_has_submodule", lambda package, name: asked.append(package.__name__)
    )
    assert registry.discover("gifts") == []
    assert {
        "activities",
        "activities.visits",
        "partners.standing",
        "prm.salesforce",
        "django_tables2",
    } <= set(asked)
    assert len(asked) == len(set(asked))


def test_a_complete_module_is_given(contribution):
    module = contribution(GIFTS=["a"], LIMIT=3)
    assert registry.discover("gifts", "GIFTS") == [module]
    assert registry.contributed(module, "GIFTS", str) == ["a"]


@pytest.mark.parametrize("attributes", [{}, {"GIFT": ["a"]}, {"gifts": ["a"]}])
def test_a_missing_attribute_is_named(contribution, attributes):
    contribution(**attributes)
    with pytest.raises(ImproperlyConfigured, match=r"activities\.gifts has no GIFTS"):
        registry.discover("gifts", "GIFTS")


@pytest.mark.parametrize("misspelt", ["GIFT", "GIFTSS", "GIFST"])
def test_a_constant_that_looks_misspelt_is_named(contribution, misspelt):
    contribution(GIFTS=[], **{misspelt: ["a"]})
    with pytest.raises(ImproperlyConfigured, match=rf"has {misspelt}: did you mean GIFTS\?"):
        registry.discover("gifts", "GIFTS")


def test_private_and_other_constants_pass(contribution):
    contribution(GIFTS=[], _GIFT=1, RAISE_DAYS=90)
    assert registry.discover("gifts", "GIFTS")


@pytest.mark.parametrize("error", [ImportError("no such thing"), NameError("COMPONENT"), SyntaxError("bad")])
def test_a_module_that_cannot_be_imported_is_named(contribution, monkeypatch, error):
    contribution()

    def broken(name):
        if name == "activities.gifts":
            raise error
        return sys.modules[name]

    monkeypatch.setattr(registry, "import_module", broken)
    with pytest.raises(ImproperlyConfigured, match=r"activities\.gifts cannot be imported"):
        registry.discover("gifts")


@pytest.mark.parametrize("things", ["text", ["a", 1], None, 5])
def test_things_of_another_kind_are_refused(contribution, things):
    module = contribution(GIFTS=things)
    with pytest.raises(ImproperlyConfigured, match=r"activities\.gifts\.GIFTS must be a list of int"):
        registry.contributed(module, "GIFTS", int)
