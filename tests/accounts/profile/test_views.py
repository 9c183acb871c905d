"""A person's own page: what it changes, and what it leaves to proof."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from prm.accounts.models import Membership, User
from prm.accounts.profile.sessions import device
from prm.accounts.service import add_member
from prm.accounts.signin.throttle import CODES
from prm.tenancy.context import tenant_scope

PROFILE = "/t/mercy/profile/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1"


def signed_in(email="mary@mercy.example", agent=CHROME, address="203.0.113.9", password="secret-pass"):
    client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
    client.post("/account/login/", {"login": email, "password": password})
    return client


@pytest.fixture
def delivers(settings):
    settings.MAIL_DELIVERS = settings.MAIL_IS_SET_UP = True


@pytest.mark.parametrize("role", ["administrator", "manager", "rep"])
def test_everybody_has_a_profile(mercy, client_for, role):
    client = client_for(getattr(mercy, role))
    answer = client.get(PROFILE)
    assert answer.status_code == 200
    for words in ("Signing in", "Add passkey", "Authenticator app", "Sessions"):
        assert words in answer.text
    assert client.get("/profile/")["Location"] == PROFILE


def test_a_partner_has_one_too(mercy, client_for):
    with tenant_scope(mercy.tenant):
        member = add_member(email="own@mercy.example", role="partner")
    assert client_for(member).get(PROFILE).status_code == 200


def test_name_and_notation_are_set(mercy, client_for):
    client = client_for(mercy.rep)
    assert client.post(PROFILE, {"name": "Mary Poppins", "notation": "de"}).status_code == 302
    user = User.objects.get(pk=mercy.rep.user_id)
    assert (user.name, user.notation) == ("Mary Poppins", "de")
    for wrong in (
        {"name": "", "notation": "de"},
        {"name": "  ", "notation": ""},
        {"name": "M", "notation": "xx"},
    ):
        assert client.post(PROFILE, wrong).status_code == 200
    user.refresh_from_db()
    assert user.name == "Mary Poppins"


def test_pages_are_written_as_their_reader_likes_them_and_the_api_is_not(mercy, client_for, clock_at):
    clock_at(datetime(2026, 11, 23, 20, 40, tzinfo=UTC))
    client = client_for(mercy.rep)
    with tenant_scope(mercy.tenant):
        Membership.objects.filter(pk=mercy.administrator.pk).update(
            created_at=datetime(2026, 11, 23, tzinfo=UTC)
        )
    admin = client_for(mercy.administrator)
    assert "22 Nov" in admin.get("/t/mercy/members/").text
    User.objects.filter(pk=mercy.administrator.user_id).update(notation="de")
    assert "22.11." in admin.get("/t/mercy/members/").text
    User.objects.filter(pk=mercy.administrator.user_id).update(notation="us")
    assert "Nov 22" in admin.get("/t/mercy/members/").text
    assert client.get(PROFILE).status_code == 200


def test_sessions_are_listed_and_ended(mercy):
    here, phone, other = (
        signed_in(),
        signed_in(agent=IPHONE, address="198.51.100.7"),
        signed_in("bob@mercy.example"),
    )
    page = here.get(PROFILE).text
    assert "Chrome on Windows" in page
    assert "Safari on iPhone" in page
    assert "198.51.100.7" in page
    assert page.count("This one") == 1
    pk = re.search(r'name="session"\s+value="(\d+)"', page)[1]
    others = re.search(r'name="session"\s+value="(\d+)"', signed_in("bob@mercy.example").get(PROFILE).text)[1]
    assert here.post("/t/mercy/profile/sessions/end/", {"session": others}).status_code == 302
    assert other.get(PROFILE).status_code == 200
    here.post("/t/mercy/profile/sessions/end/", {"session": pk})
    assert phone.get(PROFILE).status_code == 302
    assert here.get(PROFILE).status_code == 200


def test_all_other_sessions_are_ended_at_once(mercy):
    here, *others = (signed_in(address=f"198.51.100.{number}") for number in range(3))
    here.post("/t/mercy/profile/sessions/end/", {"session": "others"})
    assert [client.get(PROFILE).status_code for client in others] == [302, 302]
    assert here.get(PROFILE).status_code == 200


@pytest.mark.parametrize(
    "sent", [{}, {"session": ""}, {"session": "x"}, {"session": "9" * 40}, {"session": "0"}]
)
def test_what_names_no_session_ends_none(mercy, sent):
    here, other = signed_in(), signed_in(address="198.51.100.1")
    assert here.post("/t/mercy/profile/sessions/end/", sent).status_code == 302
    assert other.get(PROFILE).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("", "Unknown program"),
        ("curl/8", "Unknown program"),
        (f"{CHROME} Edg/141", "Edge on Windows"),
    ],
)
def test_devices_are_called_by_name(agent, words):
    assert device(agent) == words


# --- address --------------------------------------------------------------------------------------


def sure(email="mary@mercy.example"):
    """Signed in, with the password typed once more."""
    client = signed_in(email)
    client.post("/account/reauthenticate/", {"password": "secret-pass"})
    return client


def confirmation():
    return re.search(r"/account/confirm-email/\S+", mail.outbox[-1].body)[0]


def test_an_address_changes_after_proof_only(mercy, delivers):
    mary = sure()
    assert mary.post("/t/mercy/profile/address/", {"email": "Mary@New.example"}).status_code == 302
    assert mail.outbox[-1].to == ["mary@new.example"]
    user = User.objects.get(pk=mercy.rep.user_id)
    assert user.email == "mary@mercy.example"
    assert mary.get(confirmation()).status_code == 200
    user.refresh_from_db()
    assert user.email == "mary@mercy.example"
    mary.post(confirmation())
    user.refresh_from_db()
    assert user.email == "mary@new.example"
    assert list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary")) == [
        ("mary@new.example", True, True)
    ]


def test_nobody_proves_an_address_for_the_account_of_another(mercy, anchor, delivers, client_for):
    """Mary asks for Charlie's free address; Charlie opens the link that came to it."""
    mary = sure()
    mary.post("/t/mercy/profile/address/", {"email": "charlie.private@anchor.example"})
    charlie = client_for(anchor.administrator)
    for client in (charlie, Client()):
        assert client.get(confirmation()).status_code in {302, 404}
        assert client.post(confirmation()).status_code in {302, 404}
    assert User.objects.get(pk=mercy.rep.user_id).email == "mary@mercy.example"


def test_asking_for_an_address_says_nothing_of_whether_another_has_it(mercy, anchor, delivers):
    mary, bob = sure(), sure("bob@mercy.example")
    taken = mary.post("/t/mercy/profile/address/", {"email": "charlie@anchor.example"})
    free = bob.post("/t/mercy/profile/address/", {"email": "nobody@anchor.example"})
    assert taken.status_code == free.status_code == 302
    mary.post("/t/mercy/profile/address/", {"email": "charlie@anchor.example"})
    refused = mary.post(re.search(r"/account/confirm-email/\S+", mail.outbox[0].body)[0], follow=True)
    assert refused.status_code in {200, 404}
    assert User.objects.get(pk=mercy.rep.user_id).email == "mary@mercy.example"
    assert User.objects.filter(email="charlie@anchor.example").count() == 1


def test_without_mail_the_profile_says_that_addresses_stay(mercy, settings):
    settings.MAIL_IS_SET_UP = settings.MAIL_DELIVERS = False
    mary = sure()
    assert "profile/address" not in mary.get(PROFILE).text
    answer = mary.post("/t/mercy/profile/address/", {"email": "mary@new.example"})
    assert answer.status_code == 200
    assert "sends no e-mail" in answer.text


# --- second step ----------------------------------------------------------------------------------


def code_of(secret):
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter))


def test_the_second_step_is_asked_and_its_secret_is_sealed(mercy):
    secret = generate_totp_secret()
    TOTP.activate(mercy.rep.user, secret)
    assert secret not in str(Authenticator.objects.values_list("data"))
    mary = signed_in()
    assert mary.get(PROFILE).status_code == 302
    assert mary.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert mary.post("/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert "On since" in mary.get(PROFILE).text


def test_a_recovery_code_works_once(mercy):
    TOTP.activate(mercy.rep.user, generate_totp_secret())
    code = RecoveryCodes.activate(mercy.rep.user).generate_codes()[0]
    for status in (302, 200):
        mary = signed_in()
        assert mary.post("/account/2fa/authenticate/", {"code": code}).status_code == status
    first = signed_in(address="198.51.100.1")
    assert first.get(PROFILE).status_code == 302


def test_codes_are_tried_some_times_only_and_elsewhere_goes_on(mercy):
    secret = generate_totp_secret()
    TOTP.activate(mercy.rep.user, secret)
    guesser = signed_in()
    for _ in range(CODES.limit):
        guesser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert (
        "Too many wrong codes" in guesser.post("/account/2fa/authenticate/", {"code": code_of(secret)}).text
    )
    owner = signed_in(address="198.51.100.1")
    assert owner.post("/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302


def test_what_protects_the_account_is_changed_after_the_password_was_typed_again(mercy, client_for):
    """A session that was taken over adds no passkey of its own."""
    client = client_for(mercy.rep)
    for path in ("/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/t/mercy/profile/address/"):
        for ask in (client.get, client.post):
            assert "/account/reauthenticate/" in ask(path)["Location"]
    assert client.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert client.post("/account/reauthenticate/", {"password": "secret-pass"}).status_code == 302
    for path in ("/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/t/mercy/profile/address/"):
        assert client.get(path).status_code == 200


def test_changing_the_password_ends_the_other_sessions_and_weak_ones_are_refused(mercy):
    here, other = signed_in(), signed_in(address="198.51.100.1")
    words = {"oldpassword": "secret-pass", "password1": "password", "password2": "password"}
    assert here.post("/account/password/change/", words).status_code == 200
    words |= {"password1": "brand new password", "password2": "brand new password"}
    assert here.post("/account/password/change/", words)["Location"] == "/profile/"
    assert here.get(PROFILE).status_code == 200
    assert other.get(PROFILE).status_code == 302
