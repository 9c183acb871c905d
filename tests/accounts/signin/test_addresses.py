"""Where a request comes from: only trusted proxies are believed, and only as far as they go."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from prm.accounts.signin.addresses import NOWHERE, client_address, client_network


def request(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger says so: not believed
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the first was written by the caller
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", "10.9.9.9, 10.0.0.2", "10.9.9.9"),  # a caller inside our own network
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, garbage", "10.0.0.1"),  # what stands before garbage is not looked at
        ("10.0.0.1", "garbage, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", ", ".join(["6.6.6.6"] * 5000 + ["10.0.0.2"]), "6.6.6.6"),
        ("", "198.51.100.1", NOWHERE),  # a socket that nobody named as trusted
        ("unix:", "198.51.100.1", NOWHERE),
    ],
)
def test_only_trusted_proxies_say_who_called(settings, peer, forwarded, client):
    settings.TRUSTED_PROXIES = ["10.0.0.0/29", "fd00::/8"]
    if client == "10.9.9.9":
        settings.TRUSTED_PROXIES = ["10.0.0.0/29"]
    assert client_address(request(peer, forwarded)) == client


def test_a_socket_is_trusted_when_it_is_named(settings):
    settings.TRUSTED_PROXIES = ["unix"]
    assert client_address(request("", "198.51.100.1")) == "198.51.100.1"


def test_without_trusted_proxies_the_header_says_nothing(settings):
    settings.TRUSTED_PROXIES = []
    assert client_address(request("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


def test_neighbours_of_one_ipv6_network_are_counted_together(settings):
    settings.TRUSTED_PROXIES = []
    assert (
        client_network(request("2001:db8:1:2:3::4"))
        == client_network(request("2001:db8:1:2:ffff::1"))
        == "2001:db8:1:2::"
    )
    assert client_network(request("2001:db8:1:3::1")) != "2001:db8:1:2::"
    assert client_network(request("203.0.113.9")) == "203.0.113.9"


@given(st.text(max_size=60), st.text(max_size=80))
def test_nothing_in_the_header_breaks_it(peer, forwarded):
    client_network(request(peer, forwarded))
