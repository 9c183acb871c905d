"""All of our own code by bandit: nothing found."""

from tests.security.test_code import FOLDERS, scan


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
