"""No other module opens a connection to another machine."""

import ast
from functools import cache

import pytest

from tests.test_architecture import ROOT, name_of, sources, tree_of

# Modules whose purpose is to open connections, of the standard library and of what is installed.
OPENERS = (
    "aiohttp", "asyncio", "ftplib", "http.client", "httplib2", "httpx", "imaplib", "pip", "poplib", "pycurl", "requests",
    "socket", "socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "websockets",
    "xmlrpc", "zeep", "paramiko", "asyncssh",
)  # fmt: skip

# Where they may be imported, each with its reason.
ALLOWED = {
    "prm/core/outgoing/": "the one way out",
    "prm/sandbox/": "a server: it answers, for demonstrations and tests",
    "prm/local/": "the newcomer's machine; production imports nothing of it",
}
# Libraries that connect where the operator's settings say, or through our session.
BY_SETTING = {
    "psycopg": {"prm/tenancy/", "prm/settings.py", "prm/local/"},
    "redis": {"prm/local/"},
    # Its errors; messages go to the mail server of EMAIL_URL.
    "smtplib": {"prm/accounts/signin/mail.py"},
    "simple_salesforce": {"prm/salesforce/wire/"},
}


def imported(file):
    """Every module that a file imports, also inside functions, with the names taken from it."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in {
            "import_module",
            "__import__",
        }:
            yield from (
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


@cache
def imports():
    """What each file imports: read once for all that is looked for."""
    return {name_of(file): frozenset(imported(file)) for file in sources()}


def files_that_import(opener):
    return {
        name
        for name, modules in imports().items()
        if any(module == opener or module.startswith(f"{opener}.") for module in modules)
    }


@pytest.mark.parametrize("opener", OPENERS)
def test_connections_are_opened_in_one_place(opener):
    found = files_that_import(opener)
    assert {name for name in found if not name.startswith(tuple(ALLOWED))} == set()


@pytest.mark.parametrize("library", BY_SETTING)
def test_libraries_that_connect_are_used_where_they_are_named(library):
    found = files_that_import(library)
    assert {name for name in found if not name.startswith(tuple(BY_SETTING[library]))} == set()


def test_the_rule_sees_what_it_forbids():
    """It would not fail if it read nothing."""
    found = {
        module
        for name, modules in imports().items()
        if name.startswith("prm/core/outgoing/")
        for module in modules
    }
    assert {"requests", "socket", "urllib3", "http.client"} <= found
    assert all((ROOT / place).exists() for place in ALLOWED)
