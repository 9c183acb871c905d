"""Only the model that an operation changes is made again, and code of migrations still sees everything current."""

import pytest
from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, CreateModel, RenameModel
from django.db.migrations.state import ProjectState

from prm.tenancy.backend.migration_state import only_what_changed


def two_models():
    """A state with a book that refers to its author, whose classes exist."""
    state = ProjectState()
    for operation in (
        CreateModel("Author", [("id", models.UUIDField(primary_key=True))]),
        CreateModel(
            "Book",
            [
                ("id", models.UUIDField(primary_key=True)),
                ("author", models.ForeignKey("library.Author", models.CASCADE)),
            ],
        ),
    ):
        operation.state_forwards("library", state)
    assert state.apps.get_models()
    return state


@pytest.fixture
def state():
    with only_what_changed():
        yield two_models()


def class_of(state, name):
    return state.apps.get_model("library", name)


def test_a_plain_field_makes_no_other_model_again(state):
    book = class_of(state, "Book")
    AddField("Author", "name", models.TextField(default="")).state_forwards("library", state)
    assert class_of(state, "Author")._meta.get_field("name")
    assert class_of(state, "Book") is book


def test_a_constraint_makes_no_other_model_again(state):
    author = class_of(state, "Author")
    rule = models.UniqueConstraint(fields=["author"], name="one_book")
    AddConstraint("Book", rule).state_forwards("library", state)
    assert class_of(state, "Book")._meta.constraints == [rule]
    assert class_of(state, "Author") is author


def test_a_new_model_makes_no_other_model_again_and_is_related(state):
    book = class_of(state, "Book")
    fields = [
        ("id", models.UUIDField(primary_key=True)),
        ("book", models.ForeignKey("library.Book", models.CASCADE, related_name="copies")),
    ]
    CreateModel("Copy", fields).state_forwards("library", state)
    assert class_of(state, "Book") is book
    assert class_of(state, "Copy")._meta.get_field("book").related_model is book
    assert book._meta.get_field("copies").related_model is class_of(state, "Copy")


def test_code_of_a_migration_gets_related_classes_that_are_current(state):
    """What `RunPython` does before it runs."""
    AddField("Author", "name", models.TextField(default="")).state_forwards("library", state)
    state.clear_delayed_apps_cache()
    assert class_of(state, "Book")._meta.get_field("author").related_model is class_of(state, "Author")
    assert class_of(state, "Author")._meta.get_field("name")


def test_what_touches_relations_is_made_again_with_its_neighbours(state):
    book = class_of(state, "Book")
    RenameModel("Author", "Writer").state_forwards("library", state)
    assert class_of(state, "Book") is not book
    assert class_of(state, "Book")._meta.get_field("author").related_model is class_of(state, "Writer")


def test_djangos_way_is_back_afterwards():
    with only_what_changed():
        pass
    state = two_models()
    book = class_of(state, "Book")
    AddField("Author", "name", models.TextField(default="")).state_forwards("library", state)
    assert class_of(state, "Book") is not book
