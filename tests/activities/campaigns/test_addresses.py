import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.campaigns.addresses import checked_host, checked_network, checked_url
from prm.core.errors import Refused

HOSTS = {"www.mercy.example", "events.mercy.example"}


@pytest.mark.parametrize(
    "url",
    [
        "https://www.mercy.example/echo-lab",
        "http://events.mercy.example/evening?x=1#rsvp",
        "https://WWW.Mercy.example/",
        "https://www.mercy.example:443/",
    ],
)
def test_pages_of_the_company_are_taken(url):
    assert checked_url(f" {url} ", HOSTS) == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("javascript:alert(1)", "scheme"),
        ("JavaScript://www.mercy.example/%0aalert(1)", "scheme"),
        ("data:text/html,hello", "scheme"),
        ("//www.mercy.example/", "scheme"),
        ("www.mercy.example/echo", "scheme"),
        ("https://evil.example/", "host"),
        ("https://www.mercy.example.evil.example/", "host"),
        ("https://evil.example/https://www.mercy.example/", "host"),
        ("https://www.mercy.example@evil.example/", "invalid"),
        ("https://user:pass@www.mercy.example/", "invalid"),
        ("https://www.mercy.example:8443/", "invalid"),
        ("https://www.mercy.example\\@evil.example/", "invalid"),
        ("https://www.mercy.example/\r\nSet-Cookie: a=b", "invalid"),
        ("https://[::1", "invalid"),
        (f"https://www.mercy.example/{'x' * 500}", "max_length"),
        ("", "scheme"),
    ],
)
def test_all_else_is_refused_in_words(url, code):
    with pytest.raises(Refused) as refused:
        checked_url(url, HOSTS)
    assert refused.value.code == code
    assert refused.value.field == "url"


def test_without_a_list_of_hosts_nothing_is_taken():
    with pytest.raises(Refused, match="No host is on the list yet"):
        checked_url("https://www.mercy.example/", set())


@given(st.text(max_size=80))
def test_what_is_taken_leads_to_a_host_of_the_list(text):
    try:
        url = checked_url(text, HOSTS)
    except Refused:
        return
    assert url.lower().startswith(
        ("https://www.mercy.example", "https://events.", "http://www.", "http://events.")
    )


def test_names_of_machines_and_networks_are_written_one_way():
    assert checked_host(" Go.Mercy.Example. ") == "go.mercy.example"
    assert checked_network("192.0.2.7/24") == "192.0.2.0/24"
    assert checked_network("192.0.2.7") == "192.0.2.7/32"
    for wrong in ("localhost", "https://a.example", "a b.example", ""):
        with pytest.raises(Refused):
            checked_host(wrong)
    for wrong in ("0.0.0.0/0", "::/0", "mercy", "300.1.1.1"):
        with pytest.raises(Refused):
            checked_network(wrong)
