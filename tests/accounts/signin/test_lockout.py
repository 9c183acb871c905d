"""What wrong passwords cost, and whom."""

import pytest
from django.test import Client

from prm.accounts.models import User
from prm.accounts.signin.throttle import KEYS

LOGIN = "/account/login/"


def sign_in(email, password="wrong", address="203.0.113.9"):
    client = Client(REMOTE_ADDR=address)
    return client.post(LOGIN, {"login": email, "password": password})


def test_wrong_tries_under_many_names_shut_nobody_out(mercy):
    for number in range(20):
        assert sign_in(f"nobody{number}@mercy.example").status_code == 200
    assert sign_in("mary@mercy.example", "secret-pass").status_code == 302


def test_an_account_is_paused_from_where_it_was_tried_and_not_elsewhere(mercy):
    answers = [sign_in("mary@mercy.example").status_code for _ in range(9)]
    assert answers[:7] == [200] * 7
    assert answers[-1] == 429
    paused = sign_in("mary@mercy.example", "secret-pass")
    assert (paused.status_code, paused["Retry-After"]) == (429, "900")
    assert "waits 15 minutes" in paused.text
    assert sign_in("mary@mercy.example", "secret-pass", "198.51.100.1").status_code == 302
    assert sign_in("bob@mercy.example", "secret-pass").status_code == 302


def test_spelling_an_address_otherwise_gives_no_more_tries(mercy):
    spellings = ["mary@mercy.example", "MARY@mercy.example", " Mary@Mercy.Example "]
    for number in range(8):
        sign_in(spellings[number % 3])
    assert sign_in("mary@mercy.example", "secret-pass").status_code == 429


def test_neighbours_in_one_ipv6_network_have_no_more_tries(mercy):
    for number in range(8):
        sign_in("mary@mercy.example", address=f"2001:db8::{number:x}")
    assert sign_in("mary@mercy.example", "secret-pass", "2001:db8::ffff").status_code == 429


def test_a_forged_header_gives_no_more_tries(mercy):
    for number in range(8):
        Client(REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").post(
            LOGIN, {"login": "mary@mercy.example", "password": "wrong"}
        )
    assert sign_in("mary@mercy.example", "secret-pass").status_code == 429


def test_the_last_tries_are_said(mercy):
    texts = [sign_in("mary@mercy.example").text for _ in range(7)]
    assert "more tr" not in texts[3]
    assert "3 more tries, then wait 15 minutes" in texts[4]
    assert "1 more try" in texts[6]


def test_an_unknown_address_is_answered_as_a_known_one(mercy):
    known = [sign_in("mary@mercy.example").text for _ in range(8)]
    unknown = [sign_in("nobody@mercy.example").text for _ in range(8)]
    for one, other in zip(known, unknown, strict=True):
        assert _plain(one) == _plain(other)


def _plain(text):
    import re

    return re.sub(r'(value|nonce|content)="[^"]*"|mary|nobody', "", text).split("<main")[1]


def test_the_right_password_ends_the_count(mercy):
    for _ in range(7):
        sign_in("mary@mercy.example")
    assert sign_in("mary@mercy.example", "secret-pass").status_code == 302
    for _ in range(7):
        assert sign_in("mary@mercy.example").status_code == 200


def test_a_second_account_of_the_address_does_not_end_the_count(mercy, anchor):
    """Anchor's administrator could make one, and begin anew between guesses."""
    User.objects.create_user("mary@mercy.example", "their-own-pass", home=anchor.tenant)
    for _ in range(7):
        sign_in("mary@mercy.example")
    assert sign_in("mary@mercy.example", "their-own-pass").status_code == 302
    sign_in("mary@mercy.example")
    assert sign_in("mary@mercy.example", "secret-pass").status_code == 429


def key(secret, address="203.0.113.9", slug="mercy"):
    return Client(REMOTE_ADDR=address).get(
        f"/api/v1/{slug}/schema/", headers={"Authorization": f"Api-Key {secret}"}
    )


@pytest.fixture
def secret(mercy):
    from prm.accounts.keys import create_key
    from prm.tenancy.context import tenant_scope

    with tenant_scope(mercy.tenant):
        return create_key(name="Feed", scopes=["orders:read"], created_by=mercy.administrator)[1]


def test_wrong_keys_are_slowed_down_and_right_ones_never(secret):
    prefix = secret.partition(".")[0]
    answers = [key(f"{prefix}.guess{number}").status_code for number in range(KEYS.limit + 1)]
    assert answers == [401] * KEYS.limit + [429]
    assert key(secret).status_code == 200
    assert key(f"{prefix}.guess", "198.51.100.1").status_code == 401
