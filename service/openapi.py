"""OpenAPI: the description of the routes, for programs that make clients and tests from it.

Stands beside the HTTP app. Bodies and queries are read by our own strict code, so their shapes are
added here to what FastAPI knows by itself.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from service.chat import ChatRequest
from service.fact_list import FactQuery
from service.feedback import FeedbackRequest
from service.problems import MEDIA_TYPE
from service.routes.ask import SearchQuery
from service.routes.reports import ListQuery
from service.routes.saved import ChangeQuery
from service.saved import ChangePage, SavedOut, SavedPage, SavedRequest
from service.schemas import AskRequest

QUERIES: Final[dict[str, type[BaseModel]]] = {
    "/v1/search": SearchQuery,
    "/v1/reports": ListQuery,
    "/v1/facts": FactQuery,
    "/v1/saved/changes": ChangeQuery,
}

BODIES: Final[dict[str, type[BaseModel]]] = {
    "/v1/ask": AskRequest,
    "/v1/chat/completions": ChatRequest,
    "/v1/feedback": FeedbackRequest,
    "/v1/saved": SavedRequest,
}

# Told here and not at the routes, where FastAPI would build them at every start.
ANSWERS: Final[dict[tuple[str, str, str], type[BaseModel]]] = {
    ("/v1/saved", "get", "200"): SavedPage,
    ("/v1/saved", "post", "201"): SavedOut,
    ("/v1/saved/changes", "get", "200"): ChangePage,
}

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"loc": {"type": "string"}, "msg": {"type": "string"}},
            },
        },
    },
}

UPLOAD: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                },
            }
        }
    },
}

TEMPLATE: Final = "#/components/schemas/{model}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, made once and kept by it."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM
        for path, model in BODIES.items():
            body = {"application/json": {"schema": _shape(model, schemas)}}
            document["paths"][path]["post"]["requestBody"] = {"required": True, "content": body}
        document["paths"]["/v1/reports"]["post"]["requestBody"] = UPLOAD
        for path, query in QUERIES.items():
            document["paths"][path]["get"]["parameters"] = _parameters(query, schemas)
        for (path, method, status), model in ANSWERS.items():
            content = {"application/json": {"schema": _shape(model, schemas)}}
            document["paths"][path][method]["responses"][status]["content"] = content
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation.setdefault("parameters", _path_parameters(path))
                _add_problems(operation["responses"])
        app.openapi_schema = document
    return app.openapi_schema


def _shape(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to `model`, which is added to the components with all that it holds."""
    schema = model.model_json_schema(ref_template=TEMPLATE)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": TEMPLATE.format(model=model.__name__)}


def _parameters(query: type[BaseModel], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = query.model_json_schema(ref_template=TEMPLATE)
    schemas.update(schema.pop("$defs", {}))
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(shape),
            "explode": True,
        }
        for name, shape in schema["properties"].items()
    ]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    """Those of a route whose function takes none, because it only says that it is not served."""
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """A query string cannot say null; a parameter is left out instead."""
    choices = [one for one in shape.get("anyOf", []) if one != {"type": "null"}]
    rest = {key: value for key, value in shape.items() if key not in {"anyOf", "default"}}
    return {**rest, **choices[0]} if len(choices) == 1 else shape


def _add_problems(responses: dict[str, Any]) -> None:
    """Every error is a problem document; FastAPI's own 422 shape is never sent."""
    responses.pop("422", None)
    content = {MEDIA_TYPE: {"schema": {"$ref": TEMPLATE.format(model="Problem")}}}
    if "501" in responses:
        responses["501"] = {"description": "In the contract, not served yet", "content": content}
    responses["default"] = {"description": "A problem (RFC 9457)", "content": content}
