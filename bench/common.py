"""What the benchmarks share: the product's own commands, a fresh tenant, the middle round."""

import os
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What the system counts a process's memory in.
_UNIT = 1 if sys.platform == "darwin" else 1024
Figures = dict[str, float]


def start_django() -> None:
    """Make the product's modules importable and its models known, as `manage.py` does."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    import django

    from prm.local import environment

    environment.start(os.environ)

    django.setup()


def manage(*words: str) -> tuple[str, float, float]:
    """Run a command; its output, wall seconds and peak megabytes."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} failed with status {process.returncode}")
    return output, time.monotonic() - started, usage.ru_maxrss * _UNIT / 1e6


def own_memory() -> float:
    """Peak megabytes of this process up to now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / 1e6


def fresh_tenant() -> str:
    """Return the slug of a tenant made just now."""
    slug = f"bench-{secrets.token_hex(4)}"
    manage("create_tenant", slug, "--name", "Bench")
    return slug


def print_round(figures: Figures) -> None:
    """One line per round, as it ends."""
    print("  ".join(f"{name} {value:.2f}" for name, value in figures.items()), flush=True)


def middle(rounds: Sequence[Figures], key: Callable[[Figures], float]) -> Figures:
    """Return the round in the middle by some figure."""
    return sorted(rounds, key=key)[len(rounds) // 2]


def stop_if_wrong(differences: Sequence[str]) -> None:
    """End with every difference between the product's result and the independent one."""
    if differences:
        raise SystemExit("Wrong result:\n  " + "\n  ".join(differences))
