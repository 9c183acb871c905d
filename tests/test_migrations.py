"""Landed migrations stay as they are: databases exist that ran them."""

from tests.frozen_migrations import edited, frozen, hashes


def test_no_landed_migration_was_edited():
    assert edited() == [], "Landed migrations are never edited: put them back and add a new one."


def test_every_migration_is_in_the_list():
    assert set(hashes()) - set(frozen()) == set(), "Run: python tests/frozen_migrations.py"
