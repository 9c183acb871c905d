"""Installing: what is done is not done again, and what is missing is said clearly."""

import json
import os
import re
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
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "package.json").write_text('{"name": "empty"}')
    return tmp_path


def program(path, text):
    """An executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_index(name):
    text = (ROOT / name).read_text()
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
