"""The API's own documents: OpenAPI schema, and a page to read it, served from here."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.core.errors import CONTENT_TYPE

JSON = dict[str, Any]


class TenantSchemaGenerator(SchemaGenerator):
    """Writes the paths of one tenant, with its slug filled in, and nobody else's."""

    def get_schema(self, request: TenantRequest | None = None, public: bool = False) -> JSON:
        """Return the schema with `{tenant}` replaced by the slug of the caller's tenant."""
        schema: JSON = super().get_schema(request=request, public=public)
        slug = request.tenant.slug if request is not None else "{tenant}"
        schema["paths"] = {
            path.replace("{tenant}", slug): _without_tenant(item) for path, item in schema["paths"].items()
        }
        schema["components"]["schemas"]["ProblemDetails"] = PROBLEM
        schema["components"]["responses"] = {
            f"Error{status}": {"description": said, "content": _PROBLEM_CONTENT}
            for status, said in ANSWERS.items()
        }
        return schema


# What every address answers when something is wrong (prm/core/errors.py).
_TEXT: Final = {"type": "string"}
PROBLEM: Final = {
    "type": "object",
    "description": "Problem details (RFC 9457); `errors` names the fields when the input is at fault.",
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "code"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": dict.fromkeys(("field", "message", "code"), _TEXT)},
        },
        "candidates": {
            "type": "array",
            "description": "Of a conflict: what is here already, and why it may be the same.",
            "items": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("id", "name", "city"), _TEXT),
                    "reasons": {"type": "array", "items": _TEXT},
                },
                "required": ["id", "name"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}
_PROBLEM_CONTENT: Final = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}

# Every status by which the API says that something is wrong, once for all operations.
ANSWERS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "What was sent cannot be read, or a rule refuses it; `errors` names the fields.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or the API key is not known.",
    HTTPStatus.FORBIDDEN: "The caller lacks the right that `detail` names.",
    HTTPStatus.NOT_FOUND: "There is no such row or page, or the tenant is not the caller's.",
    HTTPStatus.NOT_ACCEPTABLE: "The header Accept names no form in which this is answered.",
    HTTPStatus.CONFLICT: "What is here already may be the same; `candidates` names it. Send it again as `detail` says.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not sent as JSON.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many calls; `Retry-After` says when to go on.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer; `Retry-After` says when to try again.",
}
_OF_BODIES: Final = {
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}


def _without_tenant(item: JSON) -> JSON:
    for method, operation in item.items():
        kept = [p for p in operation.get("parameters", []) if p["name"] != "tenant"]
        operation["parameters"] = kept
        for status in ANSWERS:
            if method in {"post", "put", "patch"} or status not in _OF_BODIES:
                answer = {"$ref": f"#/components/responses/Error{int(status)}"}
                operation["responses"].setdefault(str(int(status)), answer)
    return item


class TypedSchemaExtension(OpenApiSerializerExtension):
    """Describes what is sent by its typed schema (prm/core/schema.py), parts as components of their own."""

    target_class = "pydantic.BaseModel"
    match_subclasses = True
    priority = 1  # before the one that drf-spectacular brings, which describes what is answered

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """Return the schema's own name."""
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> JSON:
        """Return the description, and register those of its parts."""
        schema: JSON = self.target.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs", {}).items():
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema=_plain(part), object=name)
            auto_schema.registry.register_on_missing(component)
        return _plain(schema)


def _plain(schema: JSON) -> JSON:
    """Leave out titles, which only repeat names, and defaults that only mean "left out"."""
    plain = {key: value for key, value in schema.items() if key not in {"title", "properties"}}
    if not plain.get("default", True):
        del plain["default"]
    if "properties" in schema:
        plain["properties"] = {name: _plain(value) for name, value in schema["properties"].items()}
    return plain


class SchemaView(SpectacularAPIView):
    """`GET schema/`: OpenAPI 3 as YAML or JSON."""

    generator_class = TenantSchemaGenerator
    permission_classes = [Needs(Right.API_DOCS)]


class DocsView(SpectacularSwaggerSplitView):
    """`GET docs/`: the schema as a page; its script is a file of its own (strict CSP)."""

    url_name = "api-schema"
    permission_classes = [Needs(Right.API_DOCS)]

    def options(self, request: TenantRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Name the methods; the page itself cannot describe itself."""
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": "GET, HEAD, OPTIONS"})

    def _get_schema_url(self, request: TenantRequest) -> str:
        return f"/api/v1/{request.tenant.slug}/schema/"


urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
