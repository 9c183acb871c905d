"""Our own code by bandit: it finds what it should, and nothing is waved through without a reason."""

import json
import re
import subprocess
import sys

from tests.conftest import ROOT

FOLDERS = ("prm", "partners", "orders", "activities")
ACCEPTED = re.compile(r"# nosec (B\d{3}(?:, B\d{3})*) # \S.{5,}")


def scan(*arguments):
    command = [sys.executable, "-m", "bandit", "--quiet", "--format", "json", "--recursive", *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout)


def test_bandit_would_find_something(tmp_path):
    """The control: a settings file that switched everything off would pass the test above."""
    bad = tmp_path / "bad.py"
    bad.write_text("import subprocess\nassert True\nsubprocess.run(input(), shell=True)\n")
    found = scan("--configfile", "pyproject.toml", str(bad))["results"]
    assert {f["test_id"] for f in found} == {"B602"}


def test_bandit_finds_nothing(record_property):
    report = scan("--configfile", "pyproject.toml", *FOLDERS)
    found = [
        f"{f['filename']}:{f['line_number']} {f['test_id']} {f['issue_text']}" for f in report["results"]
    ]
    assert found == [], "\n".join(found)
    assert report["errors"] == []
    lines = report["metrics"]["_totals"]["loc"]
    assert lines > 30_000, "bandit did not read the code"
    record_property("lines of code", lines)


def test_what_is_accepted_has_a_reason():
    lines = [
        f"{file.relative_to(ROOT)}:{number} {line.strip()}"
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if "nosec" in line and not ACCEPTED.search(line)
    ]
    assert lines == []
