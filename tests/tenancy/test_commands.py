"""Commands of a tenant, the checks at start, and what the owner of the tables grants."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, transaction

from partners.standing import registry, triggers
from prm.core.errors import Refused
from prm.tenancy import checks
from prm.tenancy.backend.owner import owner_mode
from prm.tenancy.commands import TenantCommand, find_tenant
from prm.tenancy.context import current_actor, current_tenant, has_tenant
from prm.tenancy.models import Tenant


def run(work, **options):
    """What a command with this `work` writes: standard output and standard error."""

    class Command(TenantCommand):
        def work(self, options):
            work(self, options)

    out, err = StringIO(), StringIO()
    command = Command(stdout=out, stderr=err)
    try:
        call_command(command, **options)
    finally:
        run.out, run.err = out.getvalue(), err.getvalue()
    return run.out, run.err


def test_the_tenant_is_bound_while_the_command_works_and_not_after(mercy):
    seen = []
    run(lambda command, options: seen.append((current_tenant(), current_actor().door)), tenant="mercy")
    assert seen == [(mercy.tenant, "command")]
    assert not has_tenant()


def test_words_go_to_standard_output_or_with_json_to_standard_error(mercy):
    def work(command, options):
        command.say("Looking.")
        if options["json"]:
            command.emit({"amount": Decimal("1.50")})

    assert run(work, tenant="mercy") == ("Looking.\n", "")
    out, err = run(work, tenant="mercy", json=True)
    assert json.loads(out) == {"amount": "1.50"}
    assert err == "Looking.\n"


def test_a_rule_that_was_broken_is_one_line(mercy):
    def work(command, options):
        raise Refused("Give it a name.", field="name")

    with pytest.raises(CommandError, match=r"^Give it a name\.$"):
        run(work, tenant="mercy")
    assert not has_tenant()


def test_a_mistake_of_ours_is_named_in_json_without_its_words(mercy):
    def work(command, options):
        raise ZeroDivisionError("secret figure 42")

    with pytest.raises(ZeroDivisionError):
        run(work, tenant="mercy", json=True)
    assert json.loads(run.out) == {"error": "Something failed here: ZeroDivisionError."}


def test_a_result_that_was_said_is_not_followed_by_another(mercy):
    def work(command, options):
        command.emit({"done": True})
        raise Refused("Too late.")

    with pytest.raises(CommandError):
        run(work, tenant="mercy", json=True)
    assert json.loads(run.out) == {"done": True}


def test_letters_beyond_ascii_are_written_as_they_are(mercy):
    out, _ = run(lambda command, options: command.emit({"name": "Müller"}), tenant="mercy", json=True)
    assert "Müller" in out


def test_an_unknown_or_ended_tenant_names_those_that_exist(mercy, anchor):
    with pytest.raises(CommandError, match=r"No tenant is called 'merci'. There are: anchor, mercy"):
        find_tenant("merci")
    Tenant.objects.filter(pk=mercy.tenant.pk).update(is_active=False)
    with pytest.raises(CommandError, match="No tenant is called 'mercy'"):
        find_tenant("mercy")


def test_where_there_is_no_tenant_it_says_how_to_make_one(db):
    with pytest.raises(CommandError, match="make one with create_tenant"):
        find_tenant("mercy")


# --- without a database ---------------------------------------------------------------------------

LEAST = {
    "bring": ["partners", __file__, "--tenant", "mercy"],
    "company": ["--tenant", "mercy"],
    "partner_kinds": ["--tenant", "mercy"],
    "set_up": ["--tenant", "mercy"],
    "create_tenant": ["new", "--name", "New"],
    "demo": [],
    "exchange_rates": ["--tenant", "mercy", "--list"],
    "import_orders": ["--tenant", "mercy", "--source", "shop", __file__],
    "invite": ["a@b.example", "--tenant", "mercy", "--role", "rep"],
    "merge_partners": ["--tenant", "mercy", "--list"],
    "migrate": [],
    "order_source": ["--tenant", "mercy", "--list"],
    "salesforce_connect": [
        "--tenant",
        "mercy",
        "--login-url",
        "https://x",
        "--client-id",
        "a",
        "--client-secret-file",
        __file__,
    ],
    "salesforce_setup": ["--tenant", "mercy"],
    "salesforce_key": ["--tenant", "mercy"],
    "rotate_field_keys": [],
    "sandbox_org": ["--tenant", "mercy"],
    "salesforce_adopt": ["--tenant", "mercy"],
    "salesforce_start": ["--tenant", "mercy"],
    "salesforce_pause": ["--tenant", "mercy"],
    "salesforce_disconnect": ["--tenant", "mercy"],
    "salesforce_sync": ["--tenant", "mercy"],
    "shell": ["--tenant", "mercy"],
    "sign_in_link": ["a@b.example"],
    "rejected_rows": ["--tenant", "mercy", "--source", "Meditech"],
    "take_back_import": ["--tenant", "mercy", "0198c0de-0000-7000-8000-000000000000"],
    "standings": ["--tenant", "mercy", "--recompute"],
    "policy": ["--tenant", "mercy"],
    "reconcile": ["--tenant", "mercy"],
    "salesforce_conflicts": ["--tenant", "mercy"],
    "audit_trail": ["--tenant", "mercy"],
    "salesforce_mass": ["--tenant", "mercy"],
    "salesforce_problems": ["--tenant", "mercy"],
    "salesforce_status": ["--tenant", "mercy"],
    "overview": ["--tenant", "mercy"],
    "bulk_change": ["--tenant", "mercy", "--list"],
    "campaigns": ["--tenant", "mercy"],
    "competition": ["--tenant", "mercy"],
    "forecast": ["--tenant", "mercy"],
    "own_fields": ["--tenant", "mercy"],
    "digest": ["--tenant", "mercy"],
    "salesforce_mapping": ["--tenant", "mercy"],
    "salesforce_owners": ["--tenant", "mercy"],
    "tier_review": ["--tenant", "mercy", "--open"],
}

# What asks no database.
WITHOUT = {"salesforce_source"}


def our_commands():
    return {
        name: app
        for name, app in get_commands().items()
        if isinstance(app, str) and app.partition(".")[0] in {"prm", "partners", "orders", "activities"}
    }


@pytest.fixture
def no_database(django_db_blocker):
    """The settings lead where nothing listens."""
    kept = {**connection.settings_dict}
    with django_db_blocker.unblock():
        connection.close()
        # Port 9 of this machine ("discard") is nobody's.
        nowhere = {
            "HOST": "127.0.0.1",
            "PORT": "9",
            "PASSWORD": "secret",
            "OWNER": {**kept, "HOST": "127.0.0.1", "PORT": "9"},
        }
        connection.settings_dict.update(nowhere)
        yield
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(kept)


def test_every_command_of_ours_is_tried_without_a_database():
    assert set(our_commands()) == set(LEAST) | WITHOUT


@pytest.mark.parametrize("name", LEAST)
def test_a_command_without_a_database_says_so_in_one_line(no_database, settings, name):
    settings.DEMO_ALLOWED = True
    with pytest.raises(CommandError) as caught:
        call_command(name, *LEAST[name], stdout=StringIO(), stderr=StringIO())
    said = str(caught.value)
    assert said.startswith(f"The database {connection.settings_dict['NAME']!r} does not answer.")
    assert "\n" not in said
    assert "secret" not in said


def test_json_says_that_there_is_no_database(no_database):
    with pytest.raises(CommandError):
        run(lambda command, options: None, tenant="mercy", json=True)
    assert "does not answer" in json.loads(run.out)["error"]


def test_another_failure_of_the_database_stays_what_it_is(mercy):
    def work(command, options):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)")

    with pytest.raises(OperationalError, match="statement timeout"):
        run(work, tenant="mercy")


# --- checks ---------------------------------------------------------------------------------------


def test_every_model_of_ours_is_bound_to_a_tenant_or_listed():
    assert checks.models_are_bound(None) == []


@pytest.mark.parametrize("label", checks.GLOBAL_MODELS)
def test_a_global_model_that_is_not_listed_is_an_error(monkeypatch, label):
    monkeypatch.delitem(checks.GLOBAL_MODELS, label)
    [error] = checks.models_are_bound(None)
    assert error.id == "prm.E001"
    assert error.msg.startswith(label)


def test_every_global_model_says_why():
    assert all(len(reason) > 10 for reason in checks.GLOBAL_MODELS.values())


# --- grants ---------------------------------------------------------------------------------------


def privileges(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = %s AND grantee = current_user",
            [table],
        )
        return {row[0] for row in cursor.fetchall()}


def tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def test_the_application_reads_and_writes_and_never_truncates(db):
    for table in tables():
        granted = privileges(table)
        assert "SELECT" in granted, table
        assert not granted & {"TRUNCATE", "REFERENCES", "TRIGGER"}, table


def test_history_is_read_and_added_to_only(db):
    # What somebody opened is counted into days and forgotten: it is no history of rows.
    events = [table for table in tables() if table.endswith("event") and table != "campaigns_webevent"]
    assert len(events) > 10
    assert {table: privileges(table) for table in events if privileges(table) != {"SELECT", "INSERT"}} == {}


def test_the_list_of_migrations_is_read_only(db):
    assert privileges("django_migrations") == {"SELECT"}


def test_the_shell_opens_in_one_tenant(mercy, capsys):
    call_command(
        "shell", tenant="mercy", command="from prm.tenancy.context import *; print(current_tenant())"
    )
    assert capsys.readouterr().out.strip().endswith("Mercy")
    assert not has_tenant()


def test_the_shell_without_a_tenant_says_how(mercy):
    with pytest.raises(CommandError, match="Say in which tenant"):
        call_command("shell", command="1")
    call_command("shell", unsafe_all=True, command="1")


def test_an_older_database_is_brought_up_to_date_by_migrate(transactional_db):
    """The check that asks for `migrate` must not keep it from running."""
    declared = triggers.bodies(registry.sources())
    function = triggers.TRIGGERS.function_name("activities_visit")
    with owner_mode(), connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON FUNCTION {function} IS 'of an older release'")
    assert triggers.TRIGGERS.outdated(connection, declared) == ["activities_visit"]
    with pytest.raises(SystemCheckError, match=r"partners\.E001"):
        call_command("check", databases=["default"])
    call_command("migrate", skip_checks=False, verbosity=0)
    assert triggers.TRIGGERS.outdated(connection, declared) == []
