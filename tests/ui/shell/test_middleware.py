"""What a browser may keep of an answer, and which answers are compressed."""

import gzip

import pytest

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope
from tests.test_isolation import fill_in, ids_for, one_id_of_each_model, tenant_paths_with_ids, tried

TARGETS = ("list", "sheet", "live", "fragment")


def plain_paths():
    from tests.test_isolation import all_paths

    return sorted({path for path in all_paths() if path.startswith("/t/") and path.count("<") == 1})


def pages_that_open(client, ids):
    """The address of every page that this person gets, and the page; one row for each address with an id."""
    for path in plain_paths():
        url = fill_in(path, "mercy", None)
        if "timeline" in url:
            url = f"{url}?partner={ids['partners.Partner']}"
        if (answer := client.get(url)).status_code == 200:
            yield url, answer
    for path in tenant_paths_with_ids():
        if path.startswith("/t/"):
            urls = (fill_in(path, "mercy", pk) for pk in ids_for(path, ids).values())
            yield from ((url, answer) for url, answer in tried(client, urls) if answer.status_code == 200)


def targets_of(answer):
    """What the browser can ask this page's address for: a part by its id that the page has, and its fragments."""
    if answer.streaming:
        return ()
    return [each for each in TARGETS if each == "fragment" or f'id="{each}"'.encode() in answer.content]


@pytest.mark.timeout(300)
def test_no_fragment_can_be_taken_from_the_cache_for_its_page(demo, client_for):
    """One address answers page and fragment: Back must not show the fragment."""
    ids = one_id_of_each_model(demo)
    with tenant_scope(demo):
        people = Membership.objects.with_people()
        clients = [
            client_for(people.get(user__email=f"{role}@mercy.example")) for role in ("admin", "partner")
        ]
    fragments, wrong = set(), []
    for client, url, page in [(one, *found) for one in clients for found in pages_that_open(one, ids)]:
        for target in targets_of(page):
            headers = {
                "HX-Request": "true",
                "HX-Target": target,
                "HX-Current-URL": f"https://testserver{url}",
            }
            answer = client.get(url, headers=headers)
            if answer.status_code != 200 or answer.streaming or b"<html" in answer.content:
                continue
            fragments.add(url)
            varies = {word.strip().lower() for word in answer["Vary"].split(",")}
            if "no-store" not in answer.get("Cache-Control", "") or not {"hx-request", "hx-target"} <= varies:
                wrong.append((url, target))
    assert wrong == []
    assert len(fragments) >= 15, fragments


def test_a_page_says_that_it_depends_on_who_asks(mercy, client_for):
    answer = client_for(mercy.rep).get("/t/mercy/partners/")
    assert "HX-Request" in answer["Vary"]


def test_texts_are_compressed_and_hide_their_length(mercy, client_for):
    client, url = client_for(mercy.rep), "/t/mercy/partners/"
    headers = {"Accept-Encoding": "gzip"}
    answers = [client.get(url, headers=headers) for _ in range(8)]
    assert all(answer["Content-Encoding"] == "gzip" for answer in answers)
    assert len({len(answer.content) for answer in answers}) > 1
    page = gzip.decompress(answers[0].content)
    assert b"</html>" in page
    assert len(answers[0].content) < len(page) / 2
    assert "Content-Encoding" not in client.get(url)
