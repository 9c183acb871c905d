"""The papers say what the code does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
READERS = re.compile(r"\benv\.(?:text|required|boolean|integer|words)\(\s*\"([A-Z_]+)\"")


def settings_read():
    """The names of all environment variables that the code reads through prm.env."""
    files = [path for path in (ROOT / "prm").rglob("*.py") if path.name != "env.py"]
    return sorted({name for path in files for name in READERS.findall(path.read_text())})


@pytest.mark.parametrize("name", settings_read())
def test_setting_is_documented(name):
    assert f"`{name}`" in OPERATIONS


def test_documented_settings_exist():
    table = OPERATIONS.split("## Settings")[1].split("## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named <= set(settings_read())


@pytest.mark.parametrize("paper", ["README.md", "docs/operations.md"])
def test_links_lead_somewhere(paper):
    path = ROOT / paper
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def test_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())) <= targets


def test_settings_of_production_pass_the_deploy_check(tmp_path):
    production = {
        "DATABASE_URL": "postgresql://prm_app:secret@127.0.0.1:1/prm",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a-long-random-key-0123456789-abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "prm.example",
        "HTTPS": "True",
        "PRM_HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    check = subprocess.run(command, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
    assert list(tmp_path.iterdir()) == [], "production leaves nothing in PRM_HOME"
