"""The ASGI application: which org a request is meant for, and its answer on the wire."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from prm.sandbox.control.urls import PREFIX
from prm.sandbox.kit.errors import not_found
from prm.sandbox.kit.messages import Request, Response, error_response
from prm.sandbox.kit.types import Json
from prm.sandbox.oauth.models import basic_credentials
from prm.sandbox.org import SandboxOrg
from prm.sandbox.pages.responses import is_foreign
from prm.sandbox.web.connection import CUT


class Application:
    """Answers every path and method for the orgs that are served at `root`."""

    def __init__(
        self, orgs: list[SandboxOrg], root: str, make: Callable[[str], SandboxOrg] | None = None
    ) -> None:
        self._orgs, self._root, self._make = orgs, root, make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = await _received(HttpRequest(scope, receive))
        await _Sent(await self._answer(request), scope["state"][CUT])(scope, receive, send)

    def _find(self, request: Request) -> tuple[SandboxOrg, str] | None:
        """Return the org of a request and the path within it.

        Without an org's name in the path, its token or client id decides: Salesforce
        addresses have no path, and a client may join `nextRecordsUrl` to the host.
        """
        first, _, rest = request.path.removeprefix("/").partition("/")
        for org in self._orgs:
            if first in (org.name, org.instance.home):
                return org, "/" + rest
        if request.path == "/" and len(self._orgs) == 1:
            return self._orgs[0], request.path
        return (self._signed_in(request), request.path) if request.path.startswith("/services/") else None

    def _signed_in(self, request: Request) -> SandboxOrg:
        authorization = request.headers.get("authorization", "")
        form = request.form() if "form" in request.headers.get("content-type", "") else {}
        client_id = (basic_credentials(authorization) or (form.get("client_id"), ""))[0]
        for org in self._orgs:
            if org.sessions.knows(authorization) or client_id == org.app.client_id:
                return org
        return self._orgs[0]

    async def _answer(self, request: Request) -> Response:
        """Answer a request for one of the orgs."""
        if request.path == PREFIX + "orgs":
            return self._org(request)
        if request.path.startswith(PREFIX):
            return await self._control(request)
        found = self._find(request)
        if found is None:
            return error_response(not_found())
        org, path = found
        at_old = request.path.startswith(f"/{org.name}/")
        if org.instance.moved and at_old and path.startswith("/services/data"):
            return org.instance.old_answer(self._root, path)
        request.path = path
        request.instance_url = f"{self._root}/{org.instance.home}"
        return await org.answer(request)

    def _org(self, request: Request) -> Response:
        """Answer a demonstrator who wants one more org, `{"name": …}`: what signs in to it. One that is there stays."""
        if request.method != "POST" or is_foreign(request):
            return error_response(not_found())
        name = str(request.json_object().get("name", ""))
        org = next((each for each in self._orgs if each.name == name), None)
        if org is None:
            if self._make is None:
                return Response(400, {"error": "this process adds no orgs: start it with --org"})
            try:
                org = self._make(name)
            except ValueError as error:
                return Response(400, {"error": str(error)})
            self._orgs.append(org)
        facts: dict[str, Json] = {
            "name": org.name,
            "url": f"{self._root}/{org.name}",
            "organization_id": org.organization_id,
            "client_id": org.app.client_id,
            "client_secret": org.app.client_secret,
        }
        return Response(200, facts)

    async def _control(self, request: Request) -> Response:
        """Answer a control request for all orgs or a named one: by org's name when there are several."""
        name = request.query.get("org")
        chosen = [org for org in self._orgs if name is None or org.name == name]
        answers = [await org.answer(request) for org in chosen]
        failed = [answer for answer in answers if answer.status != 200]
        if failed or len(answers) == 1:
            return [*failed, *answers][0]
        body: dict[str, Json] = {
            org.name: answer.body
            for org, answer in zip(chosen, answers, strict=True)
            if not isinstance(answer.body, bytes)
        }
        return Response(200, body) if body else error_response(not_found())


async def _received(request: HttpRequest) -> Request:
    raw_path: bytes = request.scope["raw_path"]
    return Request(
        request.method,
        raw_path.decode("latin-1"),
        dict(request.query_params),
        dict(request.headers),
        await request.body(),
    )


class _Sent(HttpResponse):
    """An answer on the wire, as much of it as reaches the asker."""

    def __init__(self, response: Response, cut: Callable[[], None]) -> None:
        payload = response.payload()
        super().__init__(payload, response.status, response.headers)
        self._sent, self._cut = response.sent, cut
        if payload:
            self.headers["Content-Type"] = response.content_type
        if response.status in (204, 304):
            del self.headers["Content-Length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, half of it, or nothing."""
        if self._sent == "all":
            await super().__call__(scope, receive, send)
            return
        if self._sent == "half":
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
        self._cut()
        while (await receive())["type"] != "http.disconnect":
            continue
