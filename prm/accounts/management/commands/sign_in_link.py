"""`sign_in_link EMAIL`: a link by which somebody who gets no mail chooses a new password. For the operator."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from prm.accounts.models import User, plain_address
from prm.tenancy.commands import DatabaseCommand

logger = logging.getLogger(__name__)


class Command(DatabaseCommand):
    """Prints a link per account of the address; what it opens is more than any tenant's administrator may."""

    help = "Print a one-time link to choose a new password, for each account with this address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: object, email: str, **options: object) -> None:
        users = User.objects.filter(email=plain_address(email), is_active=True).select_related("home")
        if not users:
            raise CommandError(f"No account has the address {email!r}.")
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        for user in users:
            where = f"at {user.home.name} only" if user.home else "for all its organisations"
            path = reverse(
                "account_reset_password_from_key",
                kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
            )
            logger.warning("A sign-in link of account %s was printed by a command.", user.pk)
            self.stdout.write(f"The account {where}; the link works once, within {hours} hours:")
            self.stdout.write(f"{settings.COMMAND_URL}{path}")
