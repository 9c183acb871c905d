"""New passwords by mail, and words where no mail leaves."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from prm.accounts.models import User
from prm.env import BadSetting
from prm.env import mail as mail_server

RESET = "/account/password/reset/"


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise TimeoutError("no answer")


@pytest.fixture
def delivers(settings):
    settings.MAIL_DELIVERS = settings.MAIL_IS_SET_UP = True
    settings.MAIL_IS_SHOWN = False


def ask(email, client=None):
    return (client or Client()).post(RESET, {"email": email}, follow=True)


def reset_by(message, password):
    client = Client()
    path = re.search(r"/account/password/reset/key/\S+", message.body)[0]
    form = client.get(path, follow=True)
    return client.post(
        form.context["action_url"], {"password1": password, "password2": password}, follow=True
    )


def test_a_new_password_by_mail_from_beginning_to_end(mercy, delivers):
    assert "Look into your mail" in ask("Mary@Mercy.example").text
    assert mail.outbox[0].to == ["mary@mercy.example"]
    assert "too common" in reset_by(mail.outbox[0], "password").text
    assert "Password saved" in reset_by(mail.outbox[0], "brand new password").text
    assert "no longer works" in reset_by(mail.outbox[0], "and once more so").text
    signed_in = Client().post(
        "/account/login/", {"login": "mary@mercy.example", "password": "brand new password"}
    )
    assert signed_in.status_code == 302
    assert (
        Client()
        .post("/account/login/", {"login": "mary@mercy.example", "password": "secret-pass"})
        .status_code
        == 200
    )


def test_an_unknown_address_is_told_by_mail_alone(mercy, delivers):
    known, unknown = ask("mary@mercy.example").text, ask("nobody@mercy.example").text
    assert re.sub(r"hx-headers=\S+ \S+", "", known) == re.sub(r"hx-headers=\S+ \S+", "", unknown)
    assert [message.to for message in mail.outbox] == [["mary@mercy.example"], ["nobody@mercy.example"]]
    assert "no account" in mail.outbox[1].body


def test_without_mail_the_page_says_so(mercy, settings):
    settings.MAIL_IS_SET_UP = settings.MAIL_DELIVERS = False
    assert "No mail leaves this server" in Client().get(RESET).text
    answer = ask("mary@mercy.example")
    assert answer.status_code == 200
    assert not mail.outbox


@pytest.mark.parametrize("email", ["mary@mercy.example", "nobody@mercy.example"])
def test_a_server_that_fails_is_said_in_words(mercy, delivers, settings, email):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    answer = ask(email)
    assert answer.status_code == 200
    assert "did not take the message" in answer.text


def test_a_reset_of_an_account_that_proved_nothing_takes_away_what_others_set(mercy, anchor, delivers):
    """Whoever chose the first password may have added a passkey as well."""
    user = User.objects.create_user("ceo@anchor.example", "chosen by another", home=mercy.tenant)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    ask(user.email)
    assert "at Mercy" in mail.outbox[0].body
    reset_by(mail.outbox[0], "brand new password")
    user.refresh_from_db()
    assert (user.home, user.proved_at is not None) == (None, True)
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_reset_of_a_proved_account_leaves_its_second_step(mercy, delivers):
    user = mercy.rep.user
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    ask(user.email)
    reset_by(mail.outbox[0], "brand new password")
    assert Authenticator.objects.filter(user=user).exists()


def test_a_newcomer_sees_the_link_on_the_page(mercy, settings):
    settings.MAIL_IS_SET_UP, settings.MAIL_DELIVERS, settings.MAIL_IS_SHOWN = True, False, True
    assert "/account/password/reset/key/" in ask("mary@mercy.example").text
    settings.MAIL_IS_SHOWN = False
    assert "/account/password/reset/key/" not in ask("mary@mercy.example").text


def test_the_operator_hands_out_a_link(mercy):
    from io import StringIO

    from django.core.management import CommandError, call_command

    out = StringIO()
    call_command("sign_in_link", "MARY@mercy.example", stdout=out)
    client = Client()
    form = client.get(re.search(r"/account/\S+", out.getvalue())[0], follow=True)
    words = {"password1": "brand new password", "password2": "brand new password"}
    assert "Password saved" in client.post(form.context["action_url"], words, follow=True).text
    with pytest.raises(CommandError, match="No account"):
        call_command("sign_in_link", "nobody@mercy.example")


def test_an_address_that_another_account_proved_cannot_be_proved_again(mercy, anchor):
    from prm.accounts.signin.proof import note_proof

    local = User.objects.create_user("charlie@anchor.example", "chosen by another", home=mercy.tenant)
    assert not note_proof(local)
    local.refresh_from_db()
    assert local.home == mercy.tenant
    assert not EmailAddress.objects.filter(user=local, verified=True).exists()


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("", ("dummy", "", 25, "", "", False, False)),
        (
            "smtp+tls://me%40x.example:s%2Fp@mail.example",
            ("smtp", "mail.example", 587, "me@x.example", "s/p", True, False),
        ),
        ("smtps://mail.example:4465", ("smtp", "mail.example", 4465, "", "", False, True)),
        ("smtp://[::1]", ("smtp", "::1", 25, "", "", False, False)),
        ("console:", ("console", "", 25, "", "", False, False)),
    ],
)
def test_the_setting_is_read(monkeypatch, url, read):
    monkeypatch.setenv("EMAIL_URL", url)
    found = mail_server("EMAIL_URL")
    assert (
        found.backend,
        found.host,
        found.port,
        found.user,
        found.password,
        found.use_tls,
        found.use_ssl,
    ) == read


@pytest.mark.parametrize(
    "url",
    ["mail.example", "imap://mail.example", "smtp://", "smtp://x:port", "file://host/x", "file:", "smtp://["],
)
def test_a_setting_that_cannot_be_read_names_itself(monkeypatch, url):
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(BadSetting, match="EMAIL_URL"):
        mail_server("EMAIL_URL")
