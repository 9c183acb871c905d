"""What an installation for real tenants must not be like: rules with an id, what is wrong, and what to do.

A rule's `find` returns what is wrong in one sentence, or nothing. It changes nothing; files are tried and removed.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from prm.accounts.management.commands.demo import SCENES
from prm.accounts.models import User
from prm.core.fields import field_keys_work
from prm.tenancy.backend.rights import RoleRights, application_role

SHORTEST_KEY: Final = 32
FEWEST_CHARACTERS: Final = 10
# Written by `make setup` and the image's build.
FRONT_END: Final = ("@tabler/icons/icons/outline", "@fontsource-variable/inter")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `stops`: web, worker and beat do not start; `unless_demo`: a demonstration does."""

    id: str
    find: Callable[[], str]
    do: str
    stops: bool = False
    unless_demo: bool = False

    @property
    def is_warning(self) -> bool:
        """Whether `check --deploy` warns of it and goes on."""
        return ".W" in self.id


def _embedded(part: str) -> str:
    return (
        f"The embedded {part} is for newcomers: no backups, no replicas." if part in settings.EMBEDDED else ""
    )


def _debug() -> str:
    return "DEBUG is on: error pages show the program's insides to everybody." if settings.DEBUG else ""


def _secret_key() -> str:
    key = str(settings.SECRET_KEY)
    if key.startswith("django-insecure-"):
        return "SECRET_KEY is an example's."
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS:
        return f"SECRET_KEY is weak: {len(key)} characters, {len(set(key))} different ones."
    # A word written several times is found inside of its double before its end.
    return "SECRET_KEY is weak: it repeats itself." if (key + key).find(key, 1) < len(key) else ""


def _field_keys() -> str:
    return "" if field_keys_work(settings.FIELD_KEYS) else "FIELD_KEYS holds something that is no Fernet key."


def _derived_keys() -> str:
    if not settings.FIELD_KEYS_DERIVED:
        return ""
    return "FIELD_KEYS is not set: with a new SECRET_KEY the stored Salesforce secrets could not be read any more."


def _hosts() -> str:
    open_hosts = [host for host in settings.ALLOWED_HOSTS if host in ("*", ".")]
    return (
        "ALLOWED_HOSTS takes any name: links in e-mail would lead wherever a stranger says."
        if open_hosts
        else ""
    )


def _of_role(wrong: Callable[[RoleRights], bool], words: str) -> Callable[[], str]:
    def find() -> str:
        role = application_role()
        return f"The database role {role.name!r} {words}." if role is not None and wrong(role) else ""

    return find


def _unreachable() -> str:
    return (
        ""
        if application_role()
        else "The database does not answer: its role and sign-ins were not looked at."
    )


def _demo_sign_ins() -> str:
    addresses = [f"{person[0]}@{scene.slug}.example" for scene in SCENES for person in scene.people]
    try:
        found = User.objects.filter(email__in=addresses, is_active=True).count()
    except (DatabaseError, ImproperlyConfigured):
        return ""  # said by the rules about the database
    finally:
        if not connection.in_atomic_block:
            connection.close()  # a server that forks now must not share it
    return f"{found} demo sign-ins with a known password are active." if found else ""


def _uploads() -> str:
    place = Path(settings.MEDIA_ROOT)
    try:
        if place.is_dir():
            with tempfile.TemporaryFile(dir=place):
                return ""
        parent = next(each for each in place.parents if each.exists())
        writable = parent.is_dir() and not place.exists() and os.access(parent, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    return "" if writable else f"MEDIA_ROOT ({place}) cannot be written: imports would fail."


def _front_end() -> str:
    modules = Path(settings.BASE_DIR) / "node_modules"
    missing = [name for name in FRONT_END if not (modules / name).is_dir()]
    return f"Packages of the front end are missing: {', '.join(missing)}." if missing else ""


def _static_files() -> str:
    if settings.DEBUG or (Path(settings.STATIC_ROOT) / "prm" / "base.css").is_file():
        return ""
    return f"STATIC_ROOT ({settings.STATIC_ROOT}) holds no files: pages would have no style."


def _mail() -> str:
    if not settings.MAIL_DELIVERS:
        return "E-mail is not set up: invitations and links for a new password are handed over by people."
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        return "E-mail has no sender's address: receivers would refuse it."
    return ""


def _https() -> str:
    return (
        ""
        if settings.HTTPS
        else "HTTPS is off: cookies travel in the clear, and plain HTTP is not redirected."
    )


def _broker() -> str:
    url = urlsplit(settings.REDIS_URL)
    if url.password or url.scheme not in ("redis", "rediss") or "broker" in settings.EMBEDDED:
        return ""
    return "REDIS_URL has no password: whoever reaches the broker may give the workers work."


def _outgoing() -> str:
    here = (ip_network("127.0.0.0/8"), ip_network("::1"))
    inside = [
        n for n in settings.OUTGOING_ALLOWED if any(n.version == h.version and n.overlaps(h) for h in here)
    ]
    return (
        f"OUTGOING_ALLOWED lets tenants reach this machine ({', '.join(map(str, inside))})." if inside else ""
    )


RULES: Final = (
    Rule(
        "prm.E010",
        lambda: _embedded("database"),
        "Set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL of yours.",
    ),
    Rule("prm.E011", lambda: _embedded("broker"), "Set REDIS_URL to a Redis or Valkey of yours."),
    Rule("prm.E012", _debug, "Set DEBUG=False.", stops=True, unless_demo=True),
    Rule("prm.E013", _secret_key, "Set SECRET_KEY to what `openssl rand -hex 32` prints.", stops=True),
    Rule(
        "prm.E014",
        _field_keys,
        "Separate keys by commas; each is what `openssl rand -base64 32 | tr +/ -_` prints.",
        stops=True,
    ),
    Rule(
        "prm.E015", _hosts, "Set ALLOWED_HOSTS to the names that people type.", stops=True, unless_demo=True
    ),
    Rule(
        "prm.E016",
        _of_role(lambda role: role.superuser or role.bypasses, "is a superuser or has BYPASSRLS"),
        "ALTER ROLE … NOSUPERUSER NOBYPASSRLS, or use another role in DATABASE_URL.",
        stops=True,
    ),
    Rule(
        "prm.E017",
        _of_role(lambda role: role.owns and not role.superuser, "owns the database or its tables"),
        "Use a role of its own in DATABASE_URL, and the owner in DATABASE_OWNER_URL, for migrations only.",
        stops=True,
    ),
    Rule(
        "prm.E018",
        _of_role(lambda role: role.creates_roles, "may create roles"),
        "ALTER ROLE … NOCREATEROLE.",
        stops=True,
    ),
    Rule(
        "prm.E019",
        _of_role(lambda role: role.creates_databases, "may create databases"),
        "ALTER ROLE … NOCREATEDB.",
        stops=True,
    ),
    Rule(
        "prm.E020",
        _demo_sign_ins,
        "Use a database of its own for real tenants; PRM_DEMO=True is for demonstrations.",
        stops=True,
        unless_demo=True,
    ),
    Rule("prm.E021", _uploads, "Let the account that runs PRM write there, or set MEDIA_ROOT.", stops=True),
    Rule("prm.E022", _front_end, "Run `npm ci --omit=dev` in the checkout.", stops=True),
    Rule(
        "prm.E023",
        _static_files,
        "Run `python manage.py collectstatic --noinput`, after the front end's packages.",
    ),
    Rule("prm.W024", _derived_keys, "Set FIELD_KEYS, and keep it as you keep SECRET_KEY."),
    Rule("prm.W025", _mail, "Set EMAIL_URL and EMAIL_FROM."),
    Rule("prm.W026", _https, "Set HTTPS=True behind a proxy that ends TLS."),
    Rule("prm.W027", _broker, "Give Redis a password (`requirepass`) and write it into REDIS_URL."),
    Rule("prm.W028", _outgoing, "Name only the networks that tenants' servers are in."),
    Rule("prm.W029", _unreachable, "Start it, and check again."),
)
"""In the order of docs/operations.md."""
