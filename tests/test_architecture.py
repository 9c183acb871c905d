"""The house keeps its shape: import contracts, agreed top level, file and function sizes that were agreed."""

import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def test_import_contracts_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    run = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_system_checks_pass(db):
    call_command("check", fail_level="WARNING", databases=["default"])


def test_sandbox_org_and_core_start_without_the_domain_apps():
    code = "import sys, prm.sandbox.__main__; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
