"""Make the database roles and the database of PRM, on any PostgreSQL 15 or newer.

* owner: owns the database and its tables, runs the migrations, may create (test) databases.
* app: what web, workers and commands sign in as. It owns nothing and is neither superuser nor
  BYPASSRLS, so that row-level security holds for it. What it may do with the tables is granted by
  `manage.py migrate` (prm/tenancy/backend/owner.py), which knows the tables.

Migrations create the extensions of EXTENSIONS: they are trusted, so the owner of a database may.

`PRM_ADMIN_URL=… python -m prm.tenancy.backend.database_roles` makes the roles that DATABASE_URL and
DATABASE_OWNER_URL name, with the passwords in them. It needs no other setting, and no Django.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from prm import env

ROLE_RIGHTS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION"
# Collation C everywhere: an index does not depend on the operating system's library.
FIRST_WITH_BUILTIN_LOCALE = 170000
# Part of every PostgreSQL's contrib modules.
EXTENSIONS = ("pg_trgm", "unaccent")


class ExtensionsMissing(RuntimeError):
    """The server lacks modules that migrations create; the message names them."""


def ensure_roles(
    admin_conninfo: str,
    *,
    owner: str = "prm_owner",
    app: str = "prm_app",
    database: str = "prm",
    owner_password: str | None = None,
    app_password: str | None = None,
) -> None:
    """Make both roles and the database, and set right what differs; repeatable.

    `admin_conninfo` is a libpq connection string or URL of a superuser, or of a role that may
    create roles and databases. Roles that exist keep their password when none is given.
    Raises psycopg.Error when the server refuses, ExtensionsMissing before anything is made.
    """
    with psycopg.connect(admin_conninfo, autocommit=True) as admin:
        _require_extensions(admin)
        # Two set-ups at once (two checkouts, one server) would both find the role missing.
        admin.execute("SELECT pg_advisory_lock(hashtext('prm.database_roles'))")
        _ensure_role(admin, owner, "CREATEDB", owner_password)
        _ensure_role(admin, app, "NOCREATEDB", app_password)
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            # Whoever gives a database away must be a member of the new owner's role.
            if not _is_superuser(admin):
                admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
            admin.execute(creation_of(admin, database, owner))


def _require_extensions(admin: psycopg.Connection) -> None:
    rows = admin.execute("SELECT name FROM pg_available_extensions").fetchall()
    missing = sorted(set(EXTENSIONS) - {name for (name,) in rows})
    if missing:
        raise ExtensionsMissing(
            f"This PostgreSQL has no {' and no '.join(missing)}: install its contrib modules (postgresql-contrib)."
        )


def _ensure_role(admin: psycopg.Connection, role: str, creates_databases: str, password: str | None) -> None:
    name = sql.Identifier(role)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        admin.execute(sql.SQL("CREATE ROLE {}").format(name))
    rights = sql.SQL(
        f"{ROLE_RIGHTS} {creates_databases}" if _is_superuser(admin) else f"LOGIN {creates_databases}"
    )
    admin.execute(sql.SQL("ALTER ROLE {} {}").format(name, rights))
    if password is not None:
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))


def _is_superuser(admin: psycopg.Connection) -> bool:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def creation_of(admin: psycopg.Connection, database: str, owner: str) -> sql.Composed:
    """Return the statement that makes a database of PRM's encoding and collation, as this server words it."""
    if admin.info.server_version >= FIRST_WITH_BUILTIN_LOCALE:
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    else:
        locale = "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    return sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' {}").format(
        sql.Identifier(database), sql.Identifier(owner), sql.SQL(locale)
    )


def main() -> str | None:
    """Return what is wrong, as one line, if anything is."""
    urls = {name: env.text(name) for name in ("PRM_ADMIN_URL", "DATABASE_URL", "DATABASE_OWNER_URL")}
    missing = [name for name, url in urls.items() if not url]
    if missing:
        return f"Set {', '.join(missing)} (or the same with _FILE); see docs/operations.md."
    try:
        app, owner = (conninfo_to_dict(urls[name]) for name in ("DATABASE_URL", "DATABASE_OWNER_URL"))
        ensure_roles(
            urls["PRM_ADMIN_URL"],
            owner=str(owner["user"]),
            app=str(app["user"]),
            database=str(app["dbname"]),
            owner_password=_password(owner),
            app_password=_password(app),
        )
    except KeyError as error:
        return f"DATABASE_URL and DATABASE_OWNER_URL must name {error.args[0]}."
    except (psycopg.Error, ExtensionsMissing) as error:
        return f"The roles could not be made: {error}"
    return None


def _password(parts: Mapping[str, object]) -> str | None:
    return str(parts["password"]) if parts.get("password") else None


if __name__ == "__main__":
    raise SystemExit(main())
