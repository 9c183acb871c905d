"""The command `company`."""

import json

import pytest
from django.core.management import CommandError, call_command

from prm.tenancy.models import Tenant
from tests.company.factories import png


def test_it_shows_and_changes(mercy, capsys, tmp_path):
    call_command("company", tenant="mercy", json=True)
    assert json.loads(capsys.readouterr().out)["currency"] == "USD"
    logo = tmp_path / "logo.png"
    logo.write_bytes(png())
    call_command("company", tenant="mercy", name="Mercy General", year_starts="7", logo=logo)
    tenant = Tenant.objects.get(slug="mercy")
    assert (tenant.name, tenant.year_starts, bool(tenant.logo)) == ("Mercy General", 7, True)
    assert "Year starts in: July" in capsys.readouterr().out
    call_command("company", tenant="mercy", remove_logo=True)
    assert Tenant.objects.get(slug="mercy").logo == ""


def test_what_moves_figures_is_said_first(mercy):
    with pytest.raises(CommandError, match="Say what one USD is worth in EUR"):
        call_command("company", tenant="mercy", currency="EUR")
    with pytest.raises(CommandError, match=r"bands of .* Say --agree to do it"):
        call_command("company", tenant="mercy", currency="EUR", rate="0.5")
    call_command("company", tenant="mercy", currency="EUR", rate="0.5", agree=True)
    assert Tenant.objects.get(slug="mercy").currency == "EUR"


def test_bad_input_is_one_line(mercy, tmp_path):
    with pytest.raises(CommandError, match="is no number"):
        call_command("company", tenant="mercy", currency="EUR", rate="x")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("company", tenant="mercy", logo=tmp_path / "nowhere.png")
    with pytest.raises(CommandError, match="from 1 to 12"):
        call_command("company", tenant="mercy", year_starts="July")
