"""`migrate` as the role that owns the tables, followed by the application role's grants."""

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from prm.tenancy.backend.owner import grant_to_application, owner_mode


class Command(Migrate):
    """Django's own command in owner mode."""

    def handle(self, *args: object, **options: object) -> None:
        application = connection.settings_dict["USER"]
        with owner_mode():
            super().handle(*args, **options)
            grant_to_application(application)
