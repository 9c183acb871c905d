"""Versions, resources and limits."""

from __future__ import annotations

from dataclasses import dataclass

from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import JsonObject
from prm.sandbox.limits.models import LAST_VERSION, RETIRED_BELOW, Usage
from prm.sandbox.routing.models import Call


@dataclass(frozen=True, slots=True)
class Limits:
    """Answers what there is and how much of it."""

    usage: Usage

    def versions(self, request: Request) -> Response:
        """List the versions; no token is needed."""
        versions = [
            {"label": f"Release {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(RETIRED_BELOW, LAST_VERSION + 1)
        ]
        return Response(200, versions)

    def resources(self, call: Call) -> Response:
        """List what lies below a version."""
        names = ("sobjects", "query", "queryAll", "composite", "limits", "connect", "tooling")
        return Response(200, {name: f"{call.base}/{name}" for name in names})

    def organization(self, call: Call) -> Response:
        """Tell the features of the organisation, as Connect REST does; the currency only where there is one."""
        del call
        features: JsonObject = {"multiCurrency": False, "defaultCurrencyIsoCode": "USD"}
        return Response(200, {"accessTimeout": 30, "features": features})

    def limits(self, call: Call) -> Response:
        """Tell what is left; only API calls are counted."""
        remaining = max(0, self.usage.limit - self.usage.used)
        body: JsonObject = {"DailyApiRequests": {"Max": self.usage.limit, "Remaining": remaining}}
        for name in ("DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DataStorageMB", "FileStorageMB"):
            body[name] = {"Max": 10_000, "Remaining": 10_000}
        return Response(200, body)
