"""order_source and import_orders as scripts use them."""

import json
import os

import pytest
from django.core.management import CommandError, call_command

from orders.book.models import Order
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from prm.tenancy.context import tenant_scope
from tests.orders.factories import csv_text

TOML = """
name = "Orders"
create_partners = true
[columns]
number = "No"
date = "Date"
code = "Code"
product_code = "Item"
quantity = "Qty"
unit_price = "Price"
"""


@pytest.fixture
def toml(tmp_path):
    path = tmp_path / "orders.toml"
    path.write_text(TOML)
    return path


@pytest.fixture
def may(tmp_path):
    path = tmp_path / "may.csv"
    path.write_text(csv_text("1,2026-05-03,77,A,2,10", "2,2026-05-03,,A,1,1", "3,bad,77,A,1,1"))
    return path


def run(*words):
    import io

    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


def test_source_is_created_changed_and_listed(mercy, toml):
    base = ("order_source", "--tenant", "mercy", "--json")
    assert json.loads(run(*base, "--load", toml))["created"] is True
    toml.write_text(TOML.replace("create_partners = true", "create_partners = false"))
    assert json.loads(run(*base, "--load", toml))["created"] is False
    (source,) = json.loads(run(*base, "--list"))["sources"]
    assert (source["name"], source["spec"]["create_partners"]) == ("Orders", False)


def test_bad_source_file_names_every_problem(mercy, toml, tmp_path):
    toml.write_text(TOML.replace('date = "Date"', "") + '[states]\nX = "lost"\n')
    with pytest.raises(CommandError) as caught:
        run("order_source", "--tenant", "mercy", "--load", toml)
    assert "columns.date: Order date is needed." in str(caught.value)
    assert "states.X" in str(caught.value)
    with pytest.raises(CommandError, match="cannot be read"):
        run("order_source", "--tenant", "mercy", "--load", tmp_path / "none.toml")


def test_import_prints_one_object_that_accounts_for_every_line(mercy, toml, may):
    run("order_source", "--tenant", "mercy", "--load", toml)
    counts = json.loads(run("import_orders", "--tenant", "mercy", "--source", "Orders", "--json", may))
    assert counts["lines"] == {
        "read": 3, "stored": 2, "repeated": 0, "unchanged": 0, "superseded": 0, "rejected": 1, "headers": 0, "left_out": 0,
    }  # fmt: skip
    assert counts["months"] == {"partner_months": 1, "revenue": "20.0000"}
    assert (counts["tenant"], counts["source"], counts["files"]) == ("mercy", "Orders", 1)
    assert counts["rejected_by_reason"] == {"date_unreadable": 1}
    assert counts["unattributed"]["orders"] == 1
    assert counts["peak_memory_mb"] > 10


def test_folder_means_its_files_by_name(mercy, toml, may):
    run("order_source", "--tenant", "mercy", "--load", toml)
    (may.parent / "april.csv").write_text(csv_text("1,2026-04-03,77,A,9,10"))
    counts = json.loads(run("import_orders", "--tenant", "mercy", "--source", "Orders", "--json", may.parent))
    assert (counts["files"], counts["lines"]["superseded"]) == (2, 1)
    with tenant_scope(mercy.tenant):
        assert Order.objects.get(number="1").units == 2


def test_clear_errors(mercy, toml, may):
    run("order_source", "--tenant", "mercy", "--load", toml)
    with pytest.raises(CommandError, match=r"No order source is called 'Nope'\. There are: 'Orders'\."):
        run("import_orders", "--tenant", "mercy", "--source", "Nope", may)
    with pytest.raises(CommandError, match="There is no file"):
        run("import_orders", "--tenant", "mercy", "--source", "Orders", may.parent / "none.csv")
    with pytest.raises(CommandError, match="No tenant"):
        run("import_orders", "--tenant", "nobody", "--source", "Orders", may)
    may.write_bytes(b"")
    with pytest.raises(CommandError, match=r"may\.csv: The file is empty\."):
        run("import_orders", "--tenant", "mercy", "--source", "Orders", may)
    with tenant_scope(mercy.tenant):
        assert not Order.objects.exists()
        assert ImportRun.objects.get().state == "failed"
        assert OrderSource.objects.count() == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read_is_named(mercy, toml, may):
    run("order_source", "--tenant", "mercy", "--load", toml)
    may.chmod(0)
    with pytest.raises(CommandError, match=r"may\.csv cannot be read: Permission denied"):
        run("import_orders", "--tenant", "mercy", "--source", "Orders", may)


def test_path_that_the_system_refuses_is_named(mercy, toml):
    run("order_source", "--tenant", "mercy", "--load", toml)
    with pytest.raises(CommandError, match="x cannot be read: File name too long"):
        run("import_orders", "--tenant", "mercy", "--source", "Orders", "x" * 300)
