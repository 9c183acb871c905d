"""Paths of control."""

from __future__ import annotations

from prm.sandbox.control.responses import Control
from prm.sandbox.control.switches import Switches
from prm.sandbox.routing.models import Route

PREFIX = "/__sandbox__/"


def routes(control: Control, switches: Switches) -> list[Route]:
    """Return what answers control requests."""
    return [
        Route("*", PREFIX, "switches", switches.page),
        Route("*", PREFIX + "faults", "faults", control.change_faults),
        Route("POST", PREFIX + "next", "next", control.refuse_next),
        Route("*", PREFIX + "access", "access", control.change_access),
        Route("*", PREFIX + "instance", "instance", control.move_instance),
        Route("*", PREFIX + "features", "features", control.change_features),
        Route("*", PREFIX + "log", "log", control.show_log),
        Route("*", PREFIX + "clock", "clock", control.move_clock),
        Route("*", PREFIX + "change", "change", control.change),
        Route("*", PREFIX + "settings", "settings", control.change_settings),
        Route("*", PREFIX + "sessions", "sessions", control.end_sessions),
        Route("*", PREFIX + "app", "app", control.change_app),
        Route("*", PREFIX + "grants", "grants", control.end_grants),
        Route("*", PREFIX + "refresh", "refresh", control.refresh),
        Route("*", PREFIX + "cursors", "cursors", control.expire_cursors),
    ]
