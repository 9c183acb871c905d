"""`invite EMAIL --tenant SLUG --role ROLE`: an invitation to become a member."""

from django.core.management.base import CommandParser

from prm.accounts.invitations import service
from prm.accounts.invitations.links import link_to
from prm.accounts.invitations.sending import Sent, deliver
from prm.accounts.rights import staff_roles
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """Invites one of the tenant's own people; partners are invited on their partner's page."""

    help = "Invite a person to become a member: by mail, or with --link by a link to hand over."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--role", required=True, choices=staff_roles())
        parser.add_argument("--name", default="", help="for the invitation; the person can change it")
        parser.add_argument("--link", action="store_true", help="print a link to hand over, and send no mail")

    def work(self, options: Options) -> None:
        invitation = service.invite(
            email=options["email"], role=options["role"], name=options["name"], by=None
        )
        if options["link"]:
            secret = service.hand_over(invitation, by=None, forced=True)
            sent = Sent(link=link_to(self.tenant, invitation.pk, secret))
        else:
            sent = deliver(invitation, by=None)
        if self.as_json:
            self.emit(
                {
                    "email": invitation.email,
                    "role": invitation.role,
                    "link": sent.link,
                    "failure": sent.failure,
                }
            )
        elif sent.link:
            self.say(
                f"{invitation.email} becomes {invitation.role_label} by this link, which works once, within a day:"
            )
            self.say(sent.link)
        else:
            self.say(sent.failure or f"Invitation sent to {invitation.email}.")
