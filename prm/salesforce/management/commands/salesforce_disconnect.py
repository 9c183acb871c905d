"""`salesforce_disconnect`: end the connection and forget its secrets."""

from __future__ import annotations

from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = (
        "End the connection to Salesforce. Records there stay as they are, and so does what belongs together."
    )

    def work(self, options: Options) -> None:
        del options
        bound = setup_service.disconnect()
        self.say("Disconnected. The credentials are forgotten; Salesforce stays as it is.")
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "state": bound.state})
