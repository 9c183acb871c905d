"""`salesforce_mapping`: the same as the page, for scripts."""

import json

import pytest
from django.core.management import CommandError, call_command

from prm.salesforce.mapping.models import MappingVersion
from prm.tenancy.context import tenant_scope

PHONE = {"objects": {"partners.partner": {"fields": {"phone": {"way": "digits"}}}}}


def run(capsys, *options):
    call_command("salesforce_mapping", "--tenant", "mercy", "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_a_file_is_drafted_put_in_force_exported_and_taken_back(mercy, capsys, tmp_path):
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(PHONE), encoding="utf-8")
    found = run(capsys, "--load", str(file))
    assert (found["draft"], found["in_force"], found["problems"]) == (2, 1, [])
    copy = tmp_path / "copy.json"
    found = run(capsys, "--put-in-force", "--export", str(copy))
    assert (found["draft"], found["in_force"]) == (None, 2)
    assert json.loads(copy.read_text(encoding="utf-8"))["objects"] == PHONE["objects"]
    assert run(capsys, "--load", str(copy))["draft"] is None
    assert run(capsys, "--back", "1")["draft"] == 3
    assert run(capsys, "--discard")["draft"] is None
    with tenant_scope(mercy.tenant):
        assert [one.number for one in MappingVersion.objects.all()] == [2]


@pytest.mark.parametrize(
    "content,words",
    [("{", "is no JSON"), ('{"objects": 7}', "objects"), (None, "cannot be read")],
)
def test_a_bad_file_is_refused_in_a_line(mercy, tmp_path, content, words):
    file = tmp_path / "mapping.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=words):
        call_command("salesforce_mapping", "--tenant", "mercy", "--load", str(file))


def test_without_a_connection_the_organisation_is_not_read(mercy):
    for option in ("--read", "--dry-run"):
        with pytest.raises(CommandError, match="not connected"):
            call_command("salesforce_mapping", "--tenant", "mercy", option)
    with pytest.raises(CommandError, match="no draft"):
        call_command("salesforce_mapping", "--tenant", "mercy", "--put-in-force")
