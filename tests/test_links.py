"""Every page leads on to pages that whoever reads it may open: walked from the menu, as each role.

A link that ends at "you may not" or "not found" is a promise of the page that the product does not keep.
"""

import re
from html import unescape

import pytest

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope

LINK = re.compile(r"""<a\b[^>]*?\bhref=["']([^"'#]+)[^>]*>""")
SAYS_FILE = re.compile(r"\sdownload\b")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# Exports of lists, which `test_lists.py` opens, and what another program asks for.
NO_PAGE = re.compile(r"[?&](export|as)=|\.(js|png|webmanifest)\b|/api/")
# The pages that each finds at least. What a manager may do lies between the others.
LEAST = {"admin": 100, "rep": 60, "partner": 3}
# Names of a query that show the same page in another order, or further on.
ANOTHER_VIEW = {"sort", "page", "order", "after", "before"}


def kind_of(address: str) -> str:
    """The same page for another row is not another page; with other words behind the `?` it is, by their names."""
    path, _, query = address.partition("?")
    names = sorted({part.split("=")[0] for part in query.split("&") if part} - ANOTHER_VIEW)
    return ID.sub("*", path) + ("?" + "&".join(names) if names else "")


def leads_to(answer, address):
    """The addresses to which a page leads, each with whether the link says that it is a file."""
    for found in LINK.finditer(answer.content.decode()):
        there = unescape(found[1])
        there = there if there[0] == "/" else address.split("?")[0] + there if there[0] == "?" else ""
        if there.startswith("/t/") and not NO_PAGE.search(there):
            yield there, bool(SAYS_FILE.search(found[0]))


def walk(client, start):
    """Open every kind of page once; return what was opened and what did not open, with the page that led there."""
    waiting, opened, wrong = [(start, "the menu", False)], set(), []
    while waiting:
        address, source, says_file = waiting.pop(0)
        if kind_of(address) in opened:
            continue
        opened.add(kind_of(address))
        answer = client.get(address)
        if answer.status_code in (301, 302, 303):
            waiting.append((answer.headers["Location"], source, says_file))
        elif answer.status_code != 200:
            wrong.append(f"{answer.status_code} {address} from {source}")
        elif answer.headers.get("Content-Disposition", "").startswith("attachment"):
            # Without it a browser takes the click for a page that is to come, and drafts for left.
            wrong += [] if says_file else [f"a file without `download`: {address} from {source}"]
        elif "text/html" in answer.headers["Content-Type"] and not answer.streaming:
            waiting += [(there, address, is_file) for there, is_file in leads_to(answer, address)]
    return opened, wrong


@pytest.mark.parametrize("role", LEAST)
def test_every_link_of_a_page_opens(demo, client_for, role):
    with tenant_scope(demo):
        member = Membership.objects.select_related("user").get(user__email=f"{role}@mercy.example")
    opened, wrong = walk(client_for(member), "/t/mercy/")
    assert wrong == []
    assert len(opened) >= LEAST[role]
