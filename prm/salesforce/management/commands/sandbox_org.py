"""`sandbox_org`: a sandbox org of its own for a tenant on the newcomer's machine, with what signs in to it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from prm import env
from prm.core.outgoing.errors import OutgoingError
from prm.core.outgoing.session import OutgoingSession
from prm.core.urls import tenant_url
from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand

_START = "The sandbox org does not run: start it with `make demo`, and try again in another terminal."


class Command(TenantCommand):
    help = (
        "Give a tenant a Salesforce organisation to try things with, on this machine only, and show its credentials. "
        "`make demo` has to run."
    )

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--connect", action="store_true", help="connect the tenant to it as well, by the secret"
        )

    def work(self, options: Options) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError(
                "Sandbox orgs are for a newcomer's machine, not for an installation in production."
            )
        org = self._made()
        callback = f"{settings.COMMAND_URL}{tenant_url(self.tenant, 'salesforce:callback')}"
        self._set_callback(org["url"], callback)
        self.say(f"Sandbox org of {self.tenant.slug} (organisation {org['organization_id']}):")
        self.say(f"  address        {org['url']}")
        self.say(f"  client id      {org['client_id']}")
        self.say(f"  client secret  {org['client_secret']}")
        self.say(f"  callback       {callback}")
        self.say(
            f"Open the address to see it as a person there. It signs in as integration@{org['name']}.example."
        )
        if options["connect"]:
            setup_service.connect(
                login_url=org["url"], client_id=org["client_id"], client_secret=org["client_secret"]
            )
            self.say(f"Connected. Next: salesforce_setup --tenant {self.tenant.slug}")
        if self.as_json:
            self.emit({**org, "callback": callback, "connected": options["connect"]})

    def _made(self) -> dict[str, str]:
        """Return what signs in to the tenant's org, which is made if there is none."""
        ready = Path(env.text("PRM_SANDBOX_READY") or settings.LOCAL_DIR / "sandbox" / "ready.json")
        try:
            root = str(json.loads(ready.read_text(encoding="utf-8"))["url"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(_START) from error
        answer = self._post(f"{root}/__sandbox__/orgs", {"name": self.tenant.slug})
        return {name: str(value) for name, value in answer.items()}

    def _set_callback(self, url: str, callback: str) -> None:
        known = self._post(f"{url}/__sandbox__/app", {})["callbacks"]
        listed = known if isinstance(known, list) else []
        if settings.COMMAND_URL and callback not in listed:
            self._post(f"{url}/__sandbox__/app", {"callbacks": [*listed, callback]})

    def _post(self, url: str, body: dict[str, object]) -> dict[str, object]:
        try:
            with OutgoingSession(seconds=30.0, most_bytes=2**20) as session:
                answer = session.post(url, json=body)
        except OutgoingError as error:
            raise CommandError(_START) from error
        if answer.status_code != 200:
            raise CommandError(f"The sandbox org refuses it (HTTP {answer.status_code}). {_START}")
        found: dict[str, object] = answer.json()
        return found
