"""A broken contribution to scores or pages stops the start, and says which it is."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = """
import importlib.abc, importlib.machinery, sys, os
name, change = sys.argv[1:]
class Broken(importlib.abc.Loader):
    def __init__(self, loader): self.loader = loader
    def create_module(self, spec): return None
    def exec_module(self, module):
        source = self.loader.get_source(module.__name__)
        old, new = change.split("=>")
        assert old in source
        exec(compile(source.replace(old, new), module.__name__, "exec"), vars(module))
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname != name: return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        spec.loader = Broken(spec.loader)
        return spec
sys.meta_path.insert(0, Finder())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
import django
django.setup()
"""


def start(module, change):
    return subprocess.run(
        [sys.executable, "-c", START, module, change],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "change", "message"),
    [
        ("activities.score_components", "COMPONENTS = =>COMPONENT = ", "has no COMPONENTS"),
        ("orders.score_components", "SOURCES: =>SOURCE: ", "has no SOURCES"),
        ("activities.partner_page", "PARTS = =>PART = ", "has no PARTS"),
        ("orders.partner_page", "from prm.core.urls=>from prm.core.nowhere", "cannot be imported"),
        ("partners.score_components", '"tier_since"=>"tier_sinse"', "partners_partner.tier_sinse: no such column"),
    ],
)  # fmt: skip
def test_a_broken_contribution_stops_the_start_with_its_name(module, change, message):
    done = start(module, change)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert message in last


def test_the_same_start_without_a_mistake_goes_through():
    assert start("orders.partner_page", "PARTS = =>PARTS = ").returncode == 0
