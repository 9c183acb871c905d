"""The papers say what the code does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
READERS = re.compile(
    r"\benv\.(?:text|required|boolean|integer|words|networks|subnets|ports|mail)\(\s*\"([A-Z_]+)\""
)


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


PRODUCTION = {
    "DATABASE_URL": "postgresql://prm_app:secret@127.0.0.1:1/prm",
    "REDIS_URL": "redis://:secret@127.0.0.1:1/0",
    "SECRET_KEY": "6f1d0c9be2a84375f0b1c2d3e4f5a6978890a1b2c3d4e5f60718293a4b5c6d7e",
    "FIELD_KEYS": "wMBX2ZqLZ6v1n4bT8sYkq0e7jR3uHc5dFgAiJlNoPxQ=",
    "ALLOWED_HOSTS": "prm.example",
    "HTTPS": "True",
}


@pytest.fixture
def production(tmp_path):
    """The environment of an installation whose servers are not there yet."""
    (tmp_path / "static/prm").mkdir(parents=True)
    (tmp_path / "static/prm/base.css").touch()
    home = {
        "PRM_HOME": str(tmp_path / "home"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "PATH": os.environ["PATH"],
    }
    return PRODUCTION | home


def run(environment, *command):
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_settings_of_production_pass_the_deploy_check(production, tmp_path):
    check = run(production, "manage.py", "check", "--deploy")
    assert check.returncode == 0, check.stderr
    said = set(re.findall(r"\(([\w.]+)\)", check.stderr)) - {"0"}
    assert said <= {"prm.W025", "prm.W029"}, "nothing but the mail and the database that are not there"
    assert not (tmp_path / "home").exists(), "production leaves nothing in PRM_HOME"


BAD = {"DEBUG": "True", "SECRET_KEY": "short", "FIELD_KEYS": "none", "ALLOWED_HOSTS": "*"}
START = {
    "web": ("-c", "import prm.wsgi"),
    "worker": ("-m", "celery", "--app", "prm.celery", "worker", "--pool", "solo", "--without-mingle"),
    "beat": ("-m", "celery", "--app", "prm.celery", "beat", "--schedule", "SCHEDULE", "--pidfile="),
}


@pytest.mark.parametrize("process", START)
def test_dangerous_settings_stop_the_start(production, process, tmp_path):
    """All at once, so that nobody learns of them one by one."""
    words = [str(tmp_path / "schedule") if word == "SCHEDULE" else word for word in START[process]]
    ended = run(production | BAD, *words)
    assert ended.returncode != 0
    for name in ("prm.E012", "prm.E013", "prm.E014", "prm.E015"):
        assert name in ended.stderr, ended.stderr[-2000:]
