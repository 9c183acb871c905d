"""`migrate` as the role that owns the tables, followed by the application role's grants."""

from typing import Any, Literal

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from prm.tenancy.backend.migration_state import only_what_changed
from prm.tenancy.backend.owner import grant_to_application, owner_mode
from prm.tenancy.commands import DatabaseCommand

CheckArgument = list[str] | tuple[str, ...] | Literal["__all__"] | None


class Command(DatabaseCommand, Migrate):
    """Django's own command in owner mode."""

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str | None, CheckArgument]:
        """Leave the checks of the database for afterwards: what they miss in an older one is made here."""
        return {**super().get_check_kwargs(options), "databases": []}

    def handle(self, *args: object, **options: Any) -> None:
        application = connection.settings_dict["USER"]
        with owner_mode(), only_what_changed():
            super().handle(*args, **options)
            grant_to_application(application)
        # With a label or a number part of the tables is still to come.
        if not (
            options["skip_checks"] or options["plan"] or options["check_unapplied"] or options["app_label"]
        ):
            self.check(databases=[options["database"]])
