"""Control requests to one org.

GET/POST/DELETE faults     list, add (one rule or a list), clear (?number=n)
POST next                  {"code": …, "message": …, "fields": […], "object": …}: refuse the next record written with
                           this code; {"whole": true, "status": 400}: refuse the next call as a whole
GET/DELETE log             requests so far (?since=n), clear
GET/POST clock             {"advance": s, "freeze": true|stamp, "run": true, "date_skew": s, "reset": true}
POST change                one or a list of changes by the administrator, see `Administration.change`
GET/POST/DELETE access     what of objects and fields is taken, renamed, changed, see `Shaping.change`; gives all back
GET/POST/DELETE instance   {"old_answers": "redirect" | "unrouted" | "silent"} moves the org; DELETE moves it back
GET/POST features         what the organisation has turned on: {"places": true, "default_country": "US"}
POST settings              {"daily_limit": n, "per_app": true}
POST sessions              {"end": "all"}
GET/POST app               the app: {"callbacks": […], "certificate": PEM, "rotates": true, "refusal": "blocked" | … | ""}
POST grants                {"end": "all"}: nothing that people allowed holds any more, and no session
POST refresh               becomes a refreshed sandbox: a new organization id, the old data
POST cursors               {"expire": "all"}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from prm.sandbox.api.models import Journal
from prm.sandbox.control.door import Door
from prm.sandbox.control.models import Instance
from prm.sandbox.control.service import Administration
from prm.sandbox.control.shaping import Shaping
from prm.sandbox.faults.models import FaultPlan
from prm.sandbox.features.models import Features
from prm.sandbox.kit.clock import Clock, parse_moment
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import JsonObject, as_number
from prm.sandbox.limits.models import Usage
from prm.sandbox.query.models import Cursors


def _objects(request: Request) -> list[JsonObject]:
    body = request.json()
    items = body if isinstance(body, list) else [body]
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        raise ValueError("an object or a list of objects is needed")
    return objects


@dataclass(frozen=True, slots=True)
class Control:
    """Answers a demonstrator."""

    clock: Clock
    faults: FaultPlan
    log: Journal
    usage: Usage
    door: Door
    cursors: Cursors
    administration: Administration
    shaping: Shaping
    instance: Instance
    features: Features

    def change_faults(self, request: Request) -> Response:
        """List, lay or take away faults."""
        if request.method == "DELETE":
            number = request.query.get("number")
            self.faults.clear(int(number) if number else None)
        elif request.method == "POST":
            for rule in _objects(request):
                self.faults.add(**rule)
        return Response(200, {"faults": self.faults.show()})

    def refuse_next(self, request: Request) -> Response:
        """Refuse what comes next with any status code: one record of a call, or a whole call."""
        wanted = request.json_object()
        code = str(wanted.get("code") or "UNKNOWN_EXCEPTION")
        message = str(wanted.get("message") or f"Refused with {code}, as it was asked for.")
        narrowed: JsonObject = {"object": wanted["object"]} if wanted.get("object") else {}
        if wanted.get("whole"):
            body: JsonObject = {"errorCode": code, "message": message}
            self.faults.add(kind="status", status=wanted.get("status", 400), body=[body], **narrowed)
        else:
            fields = wanted.get("fields", [])
            self.faults.add(kind="row_error", times=1, code=code, message=message, fields=fields, **narrowed)
        return Response(200, {"faults": self.faults.show()})

    def change_access(self, request: Request) -> Response:
        """Show what was taken from the integration user and renamed, change it, or give everything back."""
        if request.method == "DELETE":
            return Response(200, self.shaping.restore())
        if request.method == "POST":
            for wanted in _objects(request):
                self.shaping.change(wanted)
        return Response(200, self.shaping.show())

    def change_features(self, request: Request) -> Response:
        """Show what the organisation has turned on, or change it."""
        if request.method == "POST":
            self.features.turn(request.json_object())
        return Response(200, self.features.show())

    def move_instance(self, request: Request) -> Response:
        """Show where the org lives, move it, or move it back."""
        if request.method == "DELETE":
            self.instance.move_back()
        elif request.method == "POST":
            self.instance.move(str(request.json_object().get("old_answers", "redirect")))
        moved = self.instance.moved
        return Response(
            200, {"home": self.instance.home, "old_answers": self.instance.answer if moved else None}
        )

    def show_log(self, request: Request) -> Response:
        """Show the journal, or clear it."""
        if request.method == "DELETE":
            self.log.clear()
        report = self.log.report(since=int(request.query.get("since", 0)))
        return Response(200, cast("JsonObject", report))

    def move_clock(self, request: Request) -> Response:
        """Show the clock, or move it."""
        if request.method == "POST":
            wanted = request.json_object()
            if wanted.get("reset"):
                self.clock.reset()
            self.clock.advance(as_number(wanted.get("advance")))
            if "date_skew" in wanted:
                self.clock.skew_date_header(as_number(wanted["date_skew"]))
            if wanted.get("freeze"):
                self.clock.freeze(parse_moment(wanted["freeze"]))
            if wanted.get("run"):
                self.clock.run()
        return Response(200, {"now": self.clock.stamp()})

    def change_settings(self, request: Request) -> Response:
        """Show the allocation of calls, or change it."""
        if request.method == "POST":
            wanted = request.json_object()
            self.usage.limit = int(as_number(wanted.get("daily_limit"), self.usage.limit))
            self.usage.per_app = bool(wanted.get("per_app", self.usage.per_app))
        usage = self.usage
        return Response(200, {"daily_limit": usage.limit, "used": usage.used, "per_app": usage.per_app})

    def end_sessions(self, request: Request) -> Response:
        """End all sessions."""
        if request.method == "POST" and request.json_object().get("end") == "all":
            self.door.sessions.end_all()
        return Response(200, {"ended": request.method == "POST"})

    def change_app(self, request: Request) -> Response:
        """Show what is set about the app, or change it."""
        if request.method == "POST":
            self.door.set(request.json_object())
        return Response(200, self.door.show())

    def end_grants(self, request: Request) -> Response:
        """End what people have allowed."""
        if request.method == "POST" and request.json_object().get("end") == "all":
            self.door.end_all()
        return Response(200, self.door.show())

    def refresh(self, request: Request) -> Response:
        """Become a refreshed sandbox."""
        if request.method == "POST":
            self.door.refresh()
        return Response(200, self.door.show())

    def expire_cursors(self, request: Request) -> Response:
        """Expire all query cursors."""
        if request.method == "POST" and request.json_object().get("expire") == "all":
            self.cursors.expire_all()
        return Response(200, {"expired": request.method == "POST"})

    def change(self, request: Request) -> Response:
        """Change records as the administrator."""
        return Response(200, {"results": [self.administration.change(item) for item in _objects(request)]})
