"""What all commands of a tenant share: one JSON object on standard output, whatever happens."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from prm.core.errors import Refused
from prm.tenancy.commands import TenantCommand


def run(command, *words):
    """Standard output as JSON, and the error that came with it."""
    out = io.StringIO()
    with pytest.raises((Exception, SystemExit)) as caught:
        call_command(command, *words, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue()), caught.value


@pytest.mark.parametrize(
    "words",
    [
        ("import_orders", "--source", "Orders", "may.csv"),
        ("order_source", "--list"),
        ("standings",),
        ("salesforce_sync",),
    ],
)
def test_unknown_tenant_is_said_in_json_too(mercy, words):
    said, error = run(*words, "--tenant", "nobody")
    assert isinstance(error, CommandError)
    assert said == {"error": "No tenant is called 'nobody'. There are: mercy."} == {"error": str(error)}


class Failing(TenantCommand):
    """Fails as it is told to, before or after its result."""

    requires_system_checks = ()

    def __init__(self, failure, *, says=False):
        super().__init__(stdout=io.StringIO(), stderr=io.StringIO())
        self.failure, self.says = failure, says

    def work(self, options):
        if self.says:
            self.emit({"result": 1})
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "says", "said"),
    [
        (Refused("Not so."), False, {"error": "Not so."}),
        (CommandError("No."), True, {"result": 1}),
        (ZeroDivisionError("secret"), False, {"error": "Something failed here: ZeroDivisionError."}),
    ],
)
def test_failure_is_one_json_object_unless_the_result_was_said(mercy, failure, says, said):
    command = Failing(failure, says=says)
    with pytest.raises((CommandError, ZeroDivisionError)):
        call_command(command, "--tenant", "mercy", "--json")
    assert json.loads(command.stdout.getvalue()) == said


def test_command_line_that_cannot_be_read_is_said_in_json_too(mercy, capsys):
    command = Failing(None)
    with pytest.raises(SystemExit) as end:
        command.run_from_argv(["manage.py", "failing", "--json"])
    assert end.value.code == 2
    assert "cannot be read" in json.loads(command.stdout.getvalue())["error"]
