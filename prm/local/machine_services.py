"""The machine's own PostgreSQL and Redis, for a second run of the tests (`.ci/run`).

`python -m prm.local.machine_services make` prints shell assignments of DATABASE_URL, DATABASE_OWNER_URL
and REDIS_URL for roles and a database made for this run, or nothing when there is no server that
may be used; without a Redis the tests use the embedded broker. `drop` removes them. The server is PRM_ADMIN_URL's, or the one a superuser reaches
on this machine without a password.
"""

import os
import secrets
import shlex
import sys
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from prm.tenancy.backend.database_roles import ExtensionsMissing, ensure_roles

NAME = "prm_ci"
OWNER, APP = f"{NAME}_owner", f"{NAME}_app"
CANDIDATES = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql:///postgres")
REDIS = "redis://127.0.0.1:6379/15"
OLDEST = 150000


def main() -> int:
    """Return the exit code."""
    admin = administrator()
    if sys.argv[1:] == ["drop"]:
        if admin:
            drop(admin)
        return 0
    if sys.argv[1:] != ["make"]:
        print(__doc__, file=sys.stderr)
        return 2
    if admin:
        try:
            environment = make(admin)
        except ExtensionsMissing as error:
            print(error, file=sys.stderr)
            return 0
        if not _signs_in(environment["DATABASE_URL"]):
            drop(admin)
            print("The machine's PostgreSQL does not let new roles sign in.", file=sys.stderr)
            return 0
        for name, value in environment.items():
            print(f"export {name}={shlex.quote(value)}")
    return 0


def administrator() -> str | None:
    """Return the connection string of a superuser of a PostgreSQL that is new enough, if there is one."""
    named = os.environ.get("PRM_ADMIN_URL")
    for candidate in [named] if named else CANDIDATES:
        try:
            with psycopg.connect(candidate, connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
                if row and row[0] and connection.info.server_version >= OLDEST:
                    return candidate
        except psycopg.Error:
            continue
    return None


def make(admin: str) -> dict[str, str]:
    """Make the roles and the database, and return the environment that uses them."""
    drop(admin)
    # Random: on a shared machine nobody else shall sign in while the tests run.
    owner_password, app_password = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    ensure_roles(
        admin, owner=OWNER, app=APP, database=NAME, owner_password=owner_password, app_password=app_password
    )
    parts = conninfo_to_dict(admin)
    host = quote(str(parts.get("host", "")), safe="")  # may be the directory of a socket
    where = f"{host}:{parts.get('port', 5432)}/{NAME}"
    found = {
        "DATABASE_URL": f"postgresql://{APP}:{quote(app_password)}@{where}",
        "DATABASE_OWNER_URL": f"postgresql://{OWNER}:{quote(owner_password)}@{where}",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    return found | ({"REDIS_URL": REDIS} if _redis_answers() else {})


def drop(admin: str) -> None:
    """Remove the databases of the owner's role, and the roles."""
    with psycopg.connect(admin, autocommit=True) as connection:
        owned = connection.execute(
            "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = %s", [OWNER]
        ).fetchall()
        for (database,) in owned:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        for role in (APP, OWNER):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _signs_in(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())
