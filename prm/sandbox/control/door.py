"""What an administrator does about who may come in: the app's settings, what people allowed, a refresh of the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from prm.sandbox.kit.types import JsonObject
from prm.sandbox.oauth.errors import REFUSALS
from prm.sandbox.oauth.grants import Grants
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.store.models import Store


@dataclass(frozen=True, slots=True)
class Door:
    """Changes who may come in."""

    store: Store
    app: ConnectedApp
    sessions: Sessions
    grants: Grants
    refresh: Callable[[], None]

    def set(self, wanted: JsonObject) -> None:
        """Change the app as named: `callbacks`, `certificate`, `rotates`, `refusal`. Raise ValueError."""
        self.app.set(wanted)
        self.app.keep(self.store)

    def show(self) -> JsonObject:
        """Return what holds."""
        return {
            **self.app.show(),
            "organization_id": self.sessions.organization_id,
            "grants": self.grants.count,
        }

    def end_all(self) -> None:
        """End every session and all that people have allowed."""
        self.sessions.end_all()
        self.grants.end_all()

    # --- on the page --------------------------------------------------------------------------

    def turn(self, form: dict[str, str]) -> None:
        """Take what a form of the page says."""
        self.set({
            "callbacks": [line for line in form.get("callbacks", "").splitlines() if line.strip()],
            "certificate": form.get("certificate", ""),
            "rotates": "rotates" in form,
        })  # fmt: skip

    def refuse(self, form: dict[str, str]) -> None:
        """Refuse sign-ins as the page says."""
        self.set({"refusal": form.get("refusal", "")})

    def inputs(self) -> str:
        """Return the inputs of the app's settings."""
        rotates = " checked" if self.app.rotates else ""
        callbacks = escape("\n".join(self.app.callbacks))
        return (
            f"<label>Callback addresses, one a line <textarea name=callbacks rows=2>{callbacks}</textarea></label>"
            f"<label>Certificate (PEM) <textarea name=certificate rows=4>{escape(self.app.certificate)}</textarea></label>"
            f"<label><input type=checkbox name=rotates{rotates}> Refresh tokens rotate</label>"
        )

    def refusals(self) -> str:
        """Return the choice of refusals."""
        options = "".join(
            f"<option value={key}>{escape(f'{error}: {description}')}</option>"
            for key, (error, description) in REFUSALS.items()
        )
        return f"<label>Every sign-in is refused with <select name=refusal>{options}</select></label>"

    def line(self) -> str:
        """Return what is refused at present; "" when nothing is."""
        return ": ".join(REFUSALS[self.app.refusal]) if self.app.refusal else ""
