"""`make demo`: everything starts, everything ends, whatever ends it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from prm.local import supervisor
from tests.local.conftest import background_signals, processes_naming, wait_until

ALL = {"sandbox", "web", *supervisor.WORKERS, "beat"}


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_until(process, text):
    """The lines up to the one that has the text."""
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if text in line:
            return lines
    raise AssertionError(f"{text!r} was never said:\n" + "\n".join(lines))


def services_of(pid):
    """The pids of the demo's processes but the guard, which nothing may disturb (Linux; none elsewhere)."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    children = listing.read_text().split() if listing.exists() else []
    return [
        int(child) for child in children if b"guard.py" not in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def ignored_signals(pid):
    """The signals that a process ignores, as bits; its own handlers are no ignoring."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")), 16)


def test_serves_and_ctrl_c_stops_everything(start_demo, checkout_copy, port):
    demo = start_demo(port)
    lines = read_until(demo, "PRM is ready")
    assert "admin@mercy.example / demo" in lines
    assert f"http://localhost:{port}" in lines[-1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as response:
        assert response.read() == b"ok"
    assert {log.stem for log in (checkout_copy / ".local/log").glob("*.log")} == ALL | {"demo", "demo-output"}
    demo.send_signal(signal.SIGINT)
    assert demo.wait(60) == 0
    wait_until(lambda: not processes_naming(str(checkout_copy)))


def test_demo_in_the_background_stops_at_sigterm(start_demo, checkout_copy, port):
    """A shell lets what it starts by `&` ignore SIGINT, and so would everything started by that."""
    demo = start_demo(port, in_background=True)
    read_until(demo, "PRM is ready")
    demo.send_signal(signal.SIGINT)  # meant for another program on the terminal
    for child in services_of(demo.pid):
        assert not ignored_signals(child) & 1 << signal.SIGINT - 1
    demo.send_signal(signal.SIGTERM)
    assert demo.communicate(timeout=60)[0].splitlines()[-1] == "Stopped."
    assert demo.returncode == 0
    wait_until(lambda: not processes_naming(str(checkout_copy)))


def test_make_demo_in_the_background_stops_at_sigterm(checkout_copy, environment, port):
    recipe = f"demo:\n\t@exec {sys.executable} -m prm.local.supervisor\n"
    (checkout_copy / "Makefile").write_text(recipe)
    make = subprocess.Popen(
        ["make", "demo"],
        cwd=checkout_copy,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=background_signals,  # noqa: PLW1509 - no thread runs
    )
    read_until(make, "PRM is ready")
    make.terminate()
    assert "Stopped.\n" in make.communicate(timeout=60)[0]
    wait_until(lambda: not processes_naming(str(checkout_copy)))


def test_killed_database_comes_back_while_the_demo_runs(start_demo, checkout_copy, port):
    demo = start_demo(port)
    read_until(demo, "PRM is ready")
    pid_file = checkout_copy / ".local/postgres/data/postmaster.pid"
    old = int(pid_file.read_text().split()[0])
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: pid_file.exists() and int((pid_file.read_text() or str(old)).split()[0]) != old)
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(60) == 0


def test_killed_supervisor_leaves_nothing_running(start_demo, checkout_copy, port):
    demo = start_demo(port)
    read_until(demo, "PRM is ready")
    assert len(processes_naming(str(checkout_copy))) > len(ALL)
    demo.kill()
    wait_until(lambda: not processes_naming(str(checkout_copy)))


def test_killed_make_stops_the_demo(checkout_copy, environment, port):
    recipe = f"demo:\n\t@exec {sys.executable} -m prm.local.supervisor\n"
    (checkout_copy / "Makefile").write_text(recipe)
    make = subprocess.Popen(
        ["make", "demo"],
        cwd=checkout_copy,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    read_until(make, "PRM is ready")
    make.kill()
    make.communicate()
    wait_until(lambda: not processes_naming(str(checkout_copy)))


def test_process_that_ends_is_reported_and_stops_the_rest(start_demo, checkout_copy, port):
    (checkout_copy / "prm/celery.py").write_text("raise SystemExit('the broker is on fire')\n")
    demo = start_demo(port)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert any(f"The process '{name}' ended (exit code 1)" in said for name in (*supervisor.WORKERS, "beat"))
    assert "the broker is on fire" in said
    assert "Traceback" not in said


def test_demo_tenants_that_cannot_be_made_stop_everything(start_demo, checkout_copy, port):
    (checkout_copy / "manage.py").write_text(
        "import sys\nif sys.argv[1] == 'demo': sys.exit('no tenants today')\n"
    )
    said, _ = start_demo(port).communicate(timeout=60)
    assert "The demo tenants could not be made." in said
    assert "[demo] no tenants today" in said


def test_port_in_use_is_one_clear_line(start_demo, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        demo = start_demo(port)
        said, _ = demo.communicate(timeout=60)
    assert said == f"Port {port} is in use. Run PORT=9000 make demo.\n"
    assert demo.returncode == 1


def test_port_that_is_no_number_is_one_clear_line(start_demo):
    said, _ = start_demo("web").communicate(timeout=60)
    assert said == "PORT is 'web'; write a number.\n"


def test_second_demo_on_the_same_data_is_refused(start_demo, port):
    first = start_demo(port)
    read_until(first, "PRM is ready")
    said, _ = start_demo(1).communicate(timeout=60)
    assert said.startswith(f"PRM runs from here already, at http://localhost:{port}.")
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0


def test_sandbox_keeps_its_port_and_yields_a_taken_one(start_demo, checkout_copy, port):
    remembered = checkout_copy / ".local/sandbox/port"
    remembered.parent.mkdir(parents=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        remembered.write_text(str(taken))
        first = start_demo(port)
        read_until(first, "PRM is ready")
        chosen = remembered.read_text()
        assert chosen != str(taken)
        first.send_signal(signal.SIGINT)
        first.wait(60)
    second = start_demo(port)
    read_until(second, "PRM is ready")
    assert remembered.read_text() == chosen
    os.kill(second.pid, signal.SIGINT)
    assert second.wait(60) == 0


def test_error_in_a_log_is_shown_on_the_terminal(start_demo, checkout_copy, port):
    demo = start_demo(port)
    read_until(demo, "Ctrl-C stops it")
    with (checkout_copy / ".local/log/worker.log").open("a") as log:
        log.write("[2026-11-23 12:00:00: ERROR/MainProcess] Task failed\n")
    assert read_until(demo, "Task failed")[-1].startswith("[worker] ")
