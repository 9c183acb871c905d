"""Refused sign-ins as data: what Salesforce's words mean, what to click there, and on which page of its set-up.

Salesforce answers a refused sign-in with a code (`error`) and often a description. The same code stands for many
causes (`invalid_grant`), so some rows are also known by words of the description. Only that it holds such words is
used; nothing that was answered is repeated (`errors.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_APPS: Final = "ManageExternalClientApplication"
_USAGE: Final = "ConnectedAppsUsage"
_USERS: Final = "ManageUsers"
_NETWORK: Final = "NetworkAccess"
_DOMAIN: Final = "OrgDomain"
_HISTORY: Final = "OrgLoginHistory"

PAGES: Final[dict[str, str]] = {
    _APPS: "Setup → External Client App Manager",
    _USAGE: "Setup → Connected Apps OAuth Usage",
    _USERS: "Setup → Users",
    _NETWORK: "Setup → Network Access",
    _DOMAIN: "Setup → My Domain",
    _HISTORY: "Setup → Login History",
}
"""Pages of Salesforce's set-up by the word in their address, with the way that one clicks there."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One cause. `words` of the description tell it from others of its code; without them it is the code's own.

    `meaning` is a sentence for a person, `clicks` what to do on `page`, a key of `PAGES`.
    """

    code: str
    meaning: str
    clicks: str
    page: str = _APPS
    words: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name by which it is stored."""
        return f"{self.code}/{self.words[0]}" if self.words else self.code

    @property
    def place(self) -> str:
        """The way to its page in Salesforce's set-up."""
        return PAGES[self.page]

    @property
    def sentence(self) -> str:
        """All of it, for where there is no room for a link."""
        return f"{self.meaning} In Salesforce: {self.place}. {self.clicks}"

    def address(self, login_url: str) -> str:
        """Return the address of the page in the organisation that is signed in to."""
        parts = urlsplit(login_url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}/lightning/setup/{self.page}/home"


_ADMIT = (
    "Open the app → Policies → Edit: under “Permitted Users” choose “Admin approved users are pre-authorized”, and "
    "under “App Policies” select a profile or permission set that the integration user has. Save."
)
_INSTALL = (
    "Look for PRM's app. If it is not listed, create it again in this organisation (a refreshed sandbox starts without "
    "it), or install its package, and sign in here with its consumer key."
)
_AGAIN = "Nothing to change there. Sign in again here, with *Connect Salesforce*."

_GRANTS: Final[tuple[Refusal, ...]] = (
    Refusal(
        "invalid_grant",
        "What a person had allowed is over: the token was used up, revoked, or not used for 30 days.",
        "Look under the user's “OAuth Connected Apps” whether somebody revoked it. Then sign in again here.",
        _USERS,
        ("expired access/refresh token", "token validity expired", "expired refresh token"),
    ),
    Refusal(
        "invalid_grant",
        "The way back from Salesforce took too long, or was used twice: its code holds for 15 minutes and once.",
        _AGAIN,
        _HISTORY,
        ("expired authorization code", "authorization code"),
    ),
    Refusal(
        "invalid_grant",
        "The app proves itself with a code that Salesforce does not take (PKCE).",
        "Sign in again here. If it stays: open the app → Settings → OAuth Settings: tick “Require Proof Key for Code "
        "Exchange (PKCE)”, which PRM uses in the form S256.",
        _APPS,
        ("code verifier", "code challenge"),
    ),
    Refusal(
        "invalid_grant",
        "The app may not speak for this user: nobody has admitted it, or there is no such user name.",
        f"{_ADMIT} In a sandbox, user names end in the sandbox's name.",
        _APPS,
        ("approved this consumer", "not approved", "user is invalid"),
    ),
    Refusal(
        "invalid_grant",
        "Salesforce does not know the address that the signed request names (its audience).",
        "Use the address shown under “Current My Domain URL” as the address of your organisation here: not "
        "login.salesforce.com for a sandbox, nor test.salesforce.com for an External Client App.",
        _DOMAIN,
        ("audience",),
    ),
    Refusal(
        "invalid_grant",
        "The signature is not that of the certificate in the app, or the clock of this machine is wrong.",
        "Open the app → Settings → OAuth Settings → Flow Enablement: tick “Enable JWT Bearer Flow”, upload the "
        "certificate that PRM shows, and save. A new one can take ten minutes until it is taken.",
        _APPS,
        ("assertion", "signature"),
    ),
    Refusal(
        "invalid_grant",
        "The user is inactive, frozen or locked.",
        "Open the user: tick Active, and unfreeze or unlock it.",
        _USERS,
        ("inactive user", "user is inactive", "frozen", "locked"),
    ),
    Refusal(
        "invalid_grant",
        "The user may not sign in from PRM's address.",
        "Add PRM's address as a trusted range, or under the user's profile → Login IP Ranges; or open the app → "
        "Policies → OAuth Policies → IP Relaxation.",
        _NETWORK,
        ("ip restricted", "ip address"),
    ),
    Refusal(
        "invalid_grant",
        "The user may not sign in at this hour.",
        "Open the user's profile → Login Hours: clear them for the integration user.",
        _USERS,
        ("login hours",),
    ),
    Refusal(
        "invalid_grant",
        "The app's user may not sign in: it is inactive, may not use the app, or its profile limits addresses or hours.",
        "Look for the user's last sign-in: the column Status names the cause.",
        _HISTORY,
    ),
)

_OTHERS: Final[tuple[Refusal, ...]] = (
    Refusal(
        "invalid_client_id",
        "It does not know the client id (consumer key).",
        "Open the app → Settings → OAuth Settings → Consumer Key and Secret, and copy the key again. A new app can "
        "take ten minutes until it is known.",
    ),
    Refusal(
        "invalid_client",
        "The client secret (consumer secret) does not belong to the client id.",
        "Open the app → Settings → OAuth Settings → Consumer Key and Secret, and copy both again.",
    ),
    Refusal(
        "invalid_client_credentials",
        "The client secret (consumer secret) does not belong to the client id.",
        "Open the app → Settings → OAuth Settings → Consumer Key and Secret, and copy both again.",
    ),
    Refusal("invalid_app_access", "The user is not admitted to the app.", _ADMIT),
    Refusal("OAUTH_APP_ACCESS_DENIED", "The user is not admitted to the app.", _ADMIT),
    Refusal(
        "OAUTH_APP_BLOCKED",
        "The app is blocked in this organisation, or not installed and therefore not allowed.",
        "Find PRM's app in the list: Unblock it, or press Install. Without it in the list, the user needs the permission "
        "“Approve Uninstalled Connected Apps” once.",
        _USAGE,
    ),
    Refusal("OAUTH_EC_APP_NOT_FOUND", "The app does not exist in this organisation.", _INSTALL),
    Refusal(
        "app_not_found", "The app does not exist in this organisation, or not under this address.", _INSTALL
    ),
    Refusal(
        "redirect_uri_mismatch",
        "The app does not know the address that people come back to.",
        "Open the app → Settings → OAuth Settings: put the callback address that PRM shows under Callback URL, letter "
        "by letter. Save.",
    ),
    Refusal(
        "redirect_uri_missing",
        "The app does not know the address that people come back to.",
        "Open the app → Settings → OAuth Settings: put the callback address that PRM shows under Callback URL. Save.",
    ),
    Refusal(
        "invalid_request",
        "The app does not take this way of signing in.",
        "Open the app → Settings → OAuth Settings → Flow Enablement: tick the flow that was chosen here, and for "
        "client credentials name the user under Policies → Run As.",
    ),
    Refusal(
        "unauthorized_client",
        "The app may not sign in this way.",
        "Open the app → Settings → OAuth Settings → Flow Enablement: tick the flow that was chosen here.",
    ),
    Refusal(
        "unsupported_grant_type",
        "This way of signing in is not offered at this address.",
        "Use the address shown under “Current My Domain URL” here, not a common one.",
        _DOMAIN,
    ),
    Refusal(
        "unsupported_response_type",
        "The app does not offer signing in by a person.",
        "Open the app → Settings → OAuth Settings → Flow Enablement: tick “Enable Authorization Code and Credentials Flow”.",
    ),
    Refusal(
        "invalid_scope",
        "The app lacks a scope.",
        "Open the app → Settings → OAuth Settings: select “Manage user data via APIs (api)” and, for Connect Salesforce, "
        "“Perform requests at any time (refresh_token, offline_access)”.",
    ),
    Refusal("inactive_user", "The user is inactive.", "Open the user and tick Active.", _USERS),
    Refusal(
        "inactive_org",
        "The organisation is locked, closed or suspended.",
        "Ask Salesforce's support why; a trial may have ended.",
        _HISTORY,
    ),
    Refusal(
        "access_denied",
        "The person pressed Deny, or the app is blocked for this user.",
        "Sign in again here and press Allow. If it is refused at once, unblock the app in this list.",
        _USAGE,
    ),
)

KNOWN: Final[dict[str, Refusal]] = {one.key: one for one in (*_GRANTS, *_OTHERS)}


def find(code: str, description: str = "") -> Refusal | None:
    """Return the cause that a code and its description stand for; `None` when it is not known."""
    said = description.lower()
    of_code: Iterable[Refusal] = (one for one in KNOWN.values() if one.code == code)
    for one in of_code:
        if not one.words or any(word in said for word in one.words):
            return one
    return None


def known(key: str) -> Refusal | None:
    """Return the cause of that key."""
    return KNOWN.get(key)
