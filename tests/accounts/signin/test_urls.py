"""Which account pages have an address."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

# What is offered, and why: a page that is not here must not have an address.
OFFERED = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_confirm_email",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}

NOT_SET_UP = {"mfa_deactivate_totp", "mfa_view_recovery_codes"}


def walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern, path)
        else:
            yield path, pattern


def test_only_the_account_pages_we_mean_to_offer_are_mounted():
    mounted = {pattern.name for path, pattern in walk(get_resolver()) if path.startswith("account/")}
    assert mounted == OFFERED
    elsewhere = [
        path
        for path, pattern in walk(get_resolver())
        if not path.startswith("account/") and "allauth" in getattr(pattern.callback, "__module__", "")
    ]
    assert elsewhere == []


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "password/set/",
        "login/code/",
        "login/code/confirm/",
        "confirm-email/",
        "3rdparty/",
        "",
    ],
)
def test_other_pages_of_allauth_are_not_there(mercy, client_for, path):
    for client in (Client(), client_for(mercy.rep)):
        assert client.get(f"/account/{path}").status_code == 404
        assert client.post(f"/account/{path}", {"email": "ceo@anchor.example"}).status_code == 404


@pytest.mark.parametrize("name", sorted(OFFERED - {"mfa_index", "mfa_download_recovery_codes"}))
def test_every_account_page_is_drawn_or_leads_on(mercy, client_for, name):
    try:
        path = reverse(name)
    except NoReverseMatch:
        return
    for client in (Client(), client_for(mercy.rep)):
        # What is not set up cannot be turned off.
        assert client.get(path).status_code in {200, 302, 404 if name in NOT_SET_UP else 200}, name
