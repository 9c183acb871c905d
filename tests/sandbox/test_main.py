import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from prm.sandbox.__main__ import add_org, added, arguments, open_org, read_secret
from tests.conftest import ROOT
from tests.sandbox.conftest import Api


@pytest.fixture
def spawn(tmp_path):
    """Starts the process and waits for its ready line."""
    running = []

    def start(*options):
        command = [
            sys.executable,
            "-m",
            "prm.sandbox",
            "--data",
            str(tmp_path / "org.db"),
            *options,
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process, process.stdout.readline()

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


class Running:
    """What Api needs to know of an org in another process."""

    def __init__(self, line, secret):
        self.url = line.split()[4]
        self.client_id = line.rstrip(")\n").split()[-1]
        self.client_secret = secret
        self.org = self.app = self

    def url_of(self, org):
        return self.url


def secret_of(path):
    return path.read_text().strip()


def test_process_says_when_it_is_ready_and_stops_on_sigterm(spawn, tmp_path):
    process, line = spawn("--org", "mercy", "--ready-file", str(tmp_path / "ready"))
    assert line.startswith("sandbox org ready on http://127.0.0.1:")
    assert "/mercy (org 00D" in line
    secret_file = tmp_path / "org.db.mercy.secret"
    assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600
    deadline = time.monotonic() + 60
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert json.loads((tmp_path / "ready").read_text())["orgs"][0]["name"] == "mercy"
    api = Api(Running(line, secret_of(secret_file)))
    assert api.get("/limits").status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def test_one_secret_file_serves_all_orgs(spawn, tmp_path):
    secret = tmp_path / "shared"
    process, first = spawn("--org", "mercy", "--org", "anchor", "--client-secret-file", str(secret))
    second = process.stdout.readline()
    assert first.split("(org ")[1] != second.split("(org ")[1]
    for line in (first, second):
        assert Api(Running(line, secret_of(secret))).get("/limits").status_code == 200


def test_committed_rows_survive_kill_9(spawn, tmp_path):
    process, line = spawn()
    api = Api(Running(line, secret_of(tmp_path / "org.db.secret")))
    made = api.create("Account", Name="Kept")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, again = spawn()
    assert again.split("(org ")[1] == line.split("(org ")[1]
    survivor = Api(Running(again, secret_of(tmp_path / "org.db.secret")))
    survivor.session.headers["Authorization"] = api.session.headers["Authorization"]
    assert survivor.rows("SELECT Id, Name FROM Account") == [{"Id": made, "Name": "Kept"}]


@pytest.mark.parametrize("options", [("--host", "0.0.0.0"), ("--org", "a/b"), ("--org", "a", "--org", "a")])
def test_process_refuses_what_is_not_local_or_not_a_name(tmp_path, options):
    command = [sys.executable, "-m", "prm.sandbox", "--data", str(tmp_path / "x"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr


def test_port_in_use_is_said_in_one_line(tmp_path, server):
    port = server.root.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "prm.sandbox", "--data", str(tmp_path / "x"), "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert port in done.stderr


def test_neither_django_nor_the_product_is_imported():
    code = (
        "import sys, prm.sandbox.__main__;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'partners', 'orders')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_secret_is_made_once_and_read_by_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "secret"
    made = read_secret(path)
    assert len(made) == 48
    assert read_secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "client_ids"),
    [
        ([], ["sandbox-default"]),
        (["--client-id", "bench"], ["bench"]),
        (["--org", "a", "--org", "b"], ["sandbox-a", "sandbox-b"]),
        (["--org", "a", "--org", "b", "--client-id", "x"], ["x-a", "x-b"]),
        (["--org", "a", "--client-id", "x"], ["x"]),
    ],
)
def test_consumer_keys_follow_the_names_of_the_orgs(tmp_path, words, client_ids):
    options = arguments(["--data", str(tmp_path / "org.db"), *words])
    orgs = [open_org(options, name) for name in options.org or ["default"]]
    assert [org.app.client_id for org in orgs] == client_ids
    for org in orgs:
        org.close()


def test_orgs_that_were_added_are_opened_again(tmp_path):
    options = arguments(
        ["--data", str(tmp_path / "org"), "--org", "a", "--callback", "http://localhost/t/{org}/"]
    )
    assert added(options) == []
    made = add_org(options, "b")
    assert made.app.callbacks == ["http://localhost/t/b/"]
    made.close()
    add_org(options, "b").close()
    assert added(options) == ["b"]
    for wrong in ("", "../b", "ä"):
        with pytest.raises(ValueError, match="letters, digits"):
            add_org(options, wrong)
