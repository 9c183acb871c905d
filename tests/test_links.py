"""Every page leads on to pages that whoever reads it may open: walked from the menu, as each role.

A link that ends at "you may not" or "not found" is a promise of the page that the product does not keep.
"""

import re
from html import unescape

import pytest

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope

ADDRESS = re.compile(r"""href=["']([^"'#]+)""")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# What is taken, not read: files, and what another program asks for.
NO_PAGE = re.compile(r"[?&](export|as)=|\.(csv|xlsx|pdf|js|png|ics|webmanifest|toml|json|zip)\b|/api/")
# The pages that each finds at least. What a manager may do lies between the others.
LEAST = {"admin": 150, "rep": 100, "partner": 3}
# Names of a query that show the same page in another order, or further on.
ANOTHER_VIEW = {"sort", "page", "order", "after", "before"}


def kind_of(address: str) -> str:
    """The same page for another row is not another page; with other words behind the `?` it is, by their names."""
    path, _, query = address.partition("?")
    names = sorted({part.split("=")[0] for part in query.split("&") if part} - ANOTHER_VIEW)
    return ID.sub("*", path) + ("?" + "&".join(names) if names else "")


def walk(client, start):
    """Open every kind of page once; return what was opened and what did not open, with the page that led there."""
    waiting, opened, wrong = [(start, "the menu")], set(), []
    while waiting:
        address, source = waiting.pop(0)
        if kind_of(address) in opened:
            continue
        opened.add(kind_of(address))
        answer = client.get(address)
        if answer.status_code in (301, 302, 303):
            waiting.append((answer.headers["Location"], source))
        elif answer.status_code != 200:
            wrong.append(f"{answer.status_code} {address} from {source}")
        elif "text/html" in answer.headers["Content-Type"] and not answer.streaming:
            found = (unescape(one) for one in ADDRESS.findall(answer.content.decode()))
            here = [
                one if one.startswith("/") else address.split("?")[0] + one for one in found if one[0] in "/?"
            ]
            waiting += [(one, address) for one in here if one.startswith("/t/") and not NO_PAGE.search(one)]
    return opened, wrong


@pytest.mark.parametrize("role", LEAST)
def test_every_link_of_a_page_opens(demo, client_for, role):
    with tenant_scope(demo):
        member = Membership.objects.select_related("user").get(user__email=f"{role}@mercy.example")
    opened, wrong = walk(client_for(member), "/t/mercy/")
    assert wrong == []
    assert len(opened) >= LEAST[role]
