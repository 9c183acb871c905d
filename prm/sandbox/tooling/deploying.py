"""Deployments of the Metadata API: the package that comes, and how far each is."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from email.parser import BytesParser
from xml.etree import ElementTree as ET  # nosec B405 # loopback only; expat resolves no outside entities

from prm.sandbox.kit.errors import SandboxError, not_found
from prm.sandbox.kit.types import JsonObject

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


@dataclass(slots=True)
class Deployments:
    """Deployments since the start, by id; done at once, shown as under way first."""

    _results: dict[str, JsonObject] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def note(self, deployment_id: str, total: int, failures: list[JsonObject]) -> str:
        """Keep what became of a package, and return the id."""
        done = total - len(failures)
        self._results[deployment_id] = {
            "id": deployment_id, "done": True, "success": not failures,
            "status": "Failed" if failures else "Succeeded", "numberComponentsTotal": total,
            "numberComponentsDeployed": done, "numberComponentErrors": len(failures),
            "details": {"componentFailures": [*failures]},
        }  # fmt: skip
        return deployment_id

    def look(self, deployment_id: str) -> JsonObject:
        """Return how far it is."""
        if deployment_id not in self._results:
            raise not_found()
        if deployment_id in self._seen:
            return self._results[deployment_id]
        self._seen.add(deployment_id)
        total = self._results[deployment_id]["numberComponentsTotal"]
        return {
            "id": deployment_id, "done": False, "success": False, "status": "Pending",
            "numberComponentsTotal": total, "numberComponentsDeployed": 0, "numberComponentErrors": 0,
        }  # fmt: skip


def read_package(content_type: str, body: bytes) -> dict[str, JsonObject]:
    """Return the custom objects of a multipart request with a zip, as metadata by name."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = message.get_payload() if message.is_multipart() else []
    packed = next(
        (part.get_payload(decode=True) for part in parts if _name_of(part) == "file"),  # type: ignore[union-attr]
        None,
    )
    try:
        with zipfile.ZipFile(io.BytesIO(packed if isinstance(packed, bytes) else b"")) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        raise SandboxError("INVALID_ZIP", "The request has no part file that is a zip.") from None
    if "package.xml" not in files:
        raise SandboxError("INVALID_PACKAGE", "No package.xml found")
    return {
        name.rpartition("/")[2].removesuffix(".object"): _object(text)
        for name, text in files.items()
        if name.endswith(".object")
    }


def _name_of(part: object) -> str:
    get_param = getattr(part, "get_param", None)
    return str(get_param("name", header="content-disposition")) if get_param else ""


def _object(text: bytes) -> JsonObject:
    root = ET.fromstring(text)  # noqa: S314 # nosec B314 # loopback only
    return {child.tag.removeprefix(_NAMESPACE): _value(child) for child in root}


def _value(element: ET.Element) -> str | JsonObject:
    if len(element):
        return {child.tag.removeprefix(_NAMESPACE): child.text or "" for child in element}
    return element.text or ""
