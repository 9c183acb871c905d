"""Sources are found by name, loaded from files and saved from forms; what is wrong changes nothing."""

import pytest

from orders.sources.models import OrderSource
from orders.sources.service import find_source, load_source, save_source
from prm.core.errors import Refused
from prm.core.schema import SchemaError
from prm.tenancy.context import bound_tenant, tenant_scope

SPEC = {"columns": {"number": "No", "date": "Date", "amount": "Amount"}}
TOML = 'name = "Meditech"\n[columns]\nnumber = "No"\ndate = "Date"\namount = "Amount"\n'


def test_unknown_source_names_those_there_are(in_mercy):
    with pytest.raises(Refused, match="There is none yet"):
        find_source("Meditech")
    save_source(None, name="Epic", spec=SPEC)
    with pytest.raises(Refused, match=r"No order source is called 'Meditech'\. There are: 'Epic'\."):
        find_source("Meditech")
    assert find_source("Epic").name == "Epic"


@pytest.mark.django_db(transaction=True)
def test_what_a_source_holds_is_read_without_asking_the_database(mercy):
    # A file is studied outside of any transaction, where no table of a tenant answers.
    with tenant_scope(mercy.tenant):
        source = save_source(
            None, name="Epic", spec=SPEC | {"partner_kind": "agent", "create_partners": True}
        )
    with bound_tenant(mercy.tenant):
        assert source.rules.partner_kind == "agent"


def test_source_of_another_tenant_is_not_found(in_mercy, anchor):
    with tenant_scope(anchor.tenant):
        save_source(None, name="Theirs", spec=SPEC)
    with pytest.raises(Refused) as caught:
        find_source("Theirs")
    assert "Theirs" not in caught.value.message.partition(". ")[2]


def test_file_makes_a_source_and_changes_it_the_next_time(in_mercy):
    source, is_new = load_source(TOML)
    assert (source.name, source.kind, is_new) == ("Meditech", "file", True)
    again, is_new = load_source('kind = "rest"\ndelimiter = "tab"\n' + TOML)
    assert (again.pk, is_new) == (source.pk, False)
    assert (again.kind, again.rules.delimiter) == ("rest", "\t")


@pytest.mark.parametrize("line", ['kind = "fax"', "name = 3", 'encoding = "klingon"', "x = ["])
def test_wrong_file_changes_nothing(in_mercy, line):
    with pytest.raises(SchemaError):
        load_source(f"{line}\n{TOML}")
    assert not OrderSource.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_name_is_needed_and_not_too_long(in_mercy, name):
    with pytest.raises(Refused) as caught:
        save_source(None, name=name, spec=SPEC)
    assert caught.value.field == "name"


def test_two_sources_have_two_names(in_mercy):
    source = save_source(None, name="Meditech", spec=SPEC)
    with pytest.raises(Refused, match="already"):
        save_source(None, name=" Meditech ", spec=SPEC)
    assert save_source(source, name="Meditech", spec=SPEC).pk == source.pk


def test_wrong_specification_leaves_the_source_as_it_was(in_mercy):
    source = save_source(None, name="Meditech", spec=SPEC)
    with pytest.raises(SchemaError):
        save_source(source, name="Other", spec={"columns": {}})
    source.refresh_from_db()
    assert (source.name, source.spec["columns"]) == ("Meditech", SPEC["columns"])


def test_source_made_by_a_form_is_one_of_files(in_mercy):
    assert save_source(None, name="Meditech", spec=SPEC).get_kind_display() == "Files (CSV, XLSX)"


def test_a_file_saved_with_a_mark_is_read(in_mercy):
    source, created = load_source(
        '\ufeffname = "bom"\n[columns]\nnumber = "No"\ndate = "Date"\namount = "Amount"\n'
    )
    assert (source.name, created) == ("bom", True)
