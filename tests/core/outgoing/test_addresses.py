"""Which addresses may be called."""

import socket
import threading
from ipaddress import ip_address, ip_network

import pytest

from prm.core.outgoing import addresses
from prm.core.outgoing.errors import AddressRefused, NotReached

NOT_PUBLIC = {
    "this network": ["0.0.0.0", "0.1.2.3"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "link-local and metadata": ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%1", "fd00:ec2::254"],
    "site-local": ["fec0::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved and broadcast": ["240.0.0.1", "255.255.255.255", "::", "5f00::1"],
    "protocol assignments": ["192.0.0.1", "192.0.0.9", "192.88.99.1", "2001:1::1", "2001:20::1"],
    "documentation and benchmarks": ["192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "3fff::1"],
    "IPv4 written as IPv6": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8"],
    "6to4": ["2002:7f00:1::1", "2002:808:808::1"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"],
    "discard": ["100::1"],
}  # fmt: skip


@pytest.mark.parametrize(
    "address", [each for group in NOT_PUBLIC.values() for each in group], ids=lambda each: each
)
def test_what_is_not_on_the_public_internet(address):
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "101.53.160.1", "2a00:1450:4001:80b::200e", "2606:4700::1111"]
)
def test_what_is(address):
    assert addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "0", "0.0.0.0"],
)
def test_every_spelling_of_this_machine_is_refused(host, settings):
    settings.OUTGOING_ALLOWED = ()
    with pytest.raises((AddressRefused, NotReached)) as caught:
        addresses.reachable(host, 443, encrypted=True, seconds=5)
    if host != "::1":  # a machine without IPv6 does not resolve it
        assert isinstance(caught.value, AddressRefused)


@pytest.fixture
def resolver(monkeypatch):
    """The network's edge: what names lead to."""
    names: dict[str, list[str]] = {}

    def getaddrinfo(host, port, **wishes):
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return [
            (socket.AF_INET6, 1, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, 1, 6, "", (each, port))
            for each in names[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names


def test_a_name_that_leads_inside_is_refused(resolver, settings):
    settings.OUTGOING_ALLOWED = ()
    resolver["inside.example"] = ["10.0.0.7"]
    with pytest.raises(AddressRefused, match="not on the public internet") as caught:
        addresses.reachable("inside.example", 443, encrypted=True, seconds=5)
    assert "10.0.0.7" not in str(caught.value), "where names of the network lead is nobody's business"


def test_of_several_addresses_only_public_ones_are_tried(resolver, settings):
    settings.OUTGOING_ALLOWED = ()
    resolver["both.example"] = ["::1", "10.0.0.7", "8.8.8.8"]
    (endpoint,) = addresses.reachable("both.example", 443, encrypted=True, seconds=5)
    assert endpoint.sockaddr[0] == "8.8.8.8"


def test_the_setting_allows_networks_of_ones_own_with_any_port_and_plain(resolver, settings):
    settings.OUTGOING_ALLOWED = (ip_network("10.1.0.0/16"),)
    resolver["sandbox.example"] = ["10.1.2.3"]
    resolver["other.example"] = ["10.2.2.3"]
    assert addresses.reachable("sandbox.example", 8010, encrypted=False, seconds=5)
    with pytest.raises(AddressRefused):
        addresses.reachable("other.example", 8010, encrypted=False, seconds=5)


@pytest.mark.parametrize(
    ("port", "encrypted", "words"),
    [(22, True, "its port"), (6379, True, "its port"), (80, False, "use https"), (443, False, "use https")],
)
def test_ports_and_schemes_of_the_public_internet_are_limited(resolver, settings, port, encrypted, words):
    settings.OUTGOING_ALLOWED = ()
    resolver["far.example"] = ["8.8.8.8"]
    with pytest.raises(AddressRefused, match=words):
        addresses.reachable("far.example", port, encrypted=encrypted, seconds=5)
    settings.OUTGOING_PORTS = (443, 22, 6379)
    assert addresses.reachable("far.example", 443, encrypted=True, seconds=5)


@pytest.mark.parametrize("host", ["nowhere.example", "a" * 300, "\udcff.example", "..", "a..b"])
def test_a_name_that_leads_nowhere(resolver, host):
    with pytest.raises(NotReached, match="no such host"):
        addresses.reachable(host, 443, encrypted=True, seconds=5)


def test_a_resolver_that_does_not_answer_costs_no_more_than_the_time_given(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **wishes: over.wait(30) and [])
    with pytest.raises(NotReached, match="timed out"):
        addresses.reachable("slow.example", 443, encrypted=True, seconds=0.1)
    over.set()
