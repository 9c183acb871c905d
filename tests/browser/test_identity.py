"""Coming in for the first time, a passkey, and the own profile, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

WIDTHS = [(320, "light"), (360, "dark"), (820, "light"), (1280, "dark"), (1280, "light")]


def handed_link(visitor):
    link = visitor.page.get_by_label("Link", exact=True).input_value()
    return re.sub(r"^https?://[^/]+", visitor.address, link)


def test_somebody_is_invited_accepts_on_a_phone_and_is_in(visit):
    admin = visit(DESK)
    admin.sign_in("admin@mercy.example")
    admin.go("/t/mercy/members/")
    admin.page.get_by_role("link", name="Invite").click()
    admin.page.get_by_label("E-mail").fill("nora@else.example")
    admin.page.locator("#sheet").get_by_label("Rep", exact=True).check(force=True)
    admin.page.get_by_role("button", name="Invite").click()
    expect(admin.page.get_by_label("Link", exact=True)).to_be_visible()
    admin.picture("invitation-link")
    link = handed_link(admin)
    admin.go("/t/mercy/members/")
    expect(admin.page.get_by_text("Link handed over")).to_be_visible()
    admin.check()
    admin.picture("members")
    nora = visit(PHONE)
    nora.go(link)
    nora.check()
    nora.picture("invitation")
    nora.page.get_by_label("Your name").fill("Nora Lind")
    nora.page.get_by_role("textbox", name="Password").fill("long enough now")
    nora.page.get_by_role("button", name="Accept").click()
    nora.page.wait_for_url(re.compile(r"/t/mercy/today/"))
    nora.go("/profile/")
    expect(nora.page.get_by_text("Not proved yet")).to_be_visible()
    nora.check()


def test_a_passkey_is_added_and_signs_in_without_a_password(visit):
    visitor = visit(DESK)
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    visitor.sign_in("rep3@mercy.example")
    visitor.go("/profile/")
    visitor.page.get_by_role("link", name="Add passkey").click()
    visitor.page.get_by_role("textbox", name="Password").fill("demo")
    visitor.page.get_by_role("button", name="Go on").click()
    visitor.page.get_by_label("Name").fill("Work laptop")
    visitor.page.get_by_label("Signs in without the password").check()
    visitor.check()
    visitor.page.get_by_role("button", name="Add", exact=True).click()
    visitor.page.wait_for_url(re.compile(r"/recovery-codes/"))
    visitor.go("/profile/")
    expect(visitor.page.get_by_text("Work laptop")).to_be_visible()
    visitor.picture("profile-with-passkey")
    visitor.page.locator("main").get_by_role("button", name="Sign out", exact=True).click()
    visitor.page.goto(visitor.address + "/account/login/")
    visitor.check()
    visitor.picture("sign-in")
    visitor.page.get_by_role("button", name="Use a passkey").click()
    visitor.page.wait_for_url(re.compile(r"/t/mercy/"))


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_profile_is_sound_at_every_width(visit, width, scheme):
    visitor = visit({"width": width, "height": 800}, scheme)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/profile/")
    visitor.check()
    visitor.picture(f"profile-{width}-{scheme}")


@pytest.mark.parametrize(
    "path",
    ["2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "password/change/", "reauthenticate/"],
)
def test_account_pages_are_sound(visit, path):
    visitor = visit(PHONE)
    visitor.sign_in("manager@anchor.example")
    visitor.page.goto(visitor.address + "/account/reauthenticate/")
    visitor.page.get_by_role("textbox", name="Password").fill("demo")
    visitor.page.get_by_role("button", name="Go on").click()
    visitor.go(f"/account/{path}")
    visitor.check()
    visitor.picture(f"account-{path.replace('/', '-')}")
