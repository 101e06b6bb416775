"""The OGC API's own description (OpenAPI 3.0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def _parameter(name: str, where: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **more}


def _operation(name: str, summary: str, kind: str, parameters: Sequence[str] = ()) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "object"}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [{"$ref": f"#/components/parameters/{parameter}"} for parameter in ("f", *parameters)],
            "responses": {
                "200": {"description": summary, "content": content},
                "400": {"$ref": "#/components/responses/Error"},
                "401": {"$ref": "#/components/responses/Error"},
                "404": {"$ref": "#/components/responses/Error"},
            },
        }
    }


def _parameters(*, names: Sequence[str], most: int) -> dict[str, Any]:
    number = {"type": "number"}
    either = [{"minItems": count, "maxItems": count} for count in (4, 6)]
    box = {"type": "array", "items": number, "oneOf": either}
    return {
        "f": _parameter("f", "query", {"type": "string", "enum": ["json"]}),
        "collectionId": _parameter("collectionId", "path", {"type": "string", "enum": [*names]}),
        "featureId": _parameter("featureId", "path", {"type": "integer"}),
        "bbox": _parameter("bbox", "query", box, style="form", explode=False),
        "datetime": _parameter("datetime", "query", {"type": "string"}, style="form", explode=False),
        "limit": _parameter(
            "limit", "query", {"type": "integer", "minimum": 1, "maximum": most, "default": 100}, style="form"
        ),
        "after": _parameter("after", "query", {"type": "integer", "minimum": 0}),
    }


def describe(*, names: Sequence[str], server: str, most: int) -> dict[str, Any]:
    geojson, page = "application/geo+json", ("collectionId", "bbox", "datetime", "limit", "after")
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    text = {"type": "string"}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Wangge: OGC API – Features", "version": "1.0.0"},
        "servers": [{"url": server}],
        "security": [{"token": []}, {"session": []}],
        "paths": {
            "/": _operation("landing", "Where everything is", "application/json"),
            "/conformance": _operation("conformance", "Parts of the standard that are kept", "application/json"),
            "/collections": _operation("collections", "Collections", "application/json"),
            "/collections/{collectionId}": _operation(
                "collection", "A collection", "application/json", ["collectionId"]
            ),
            "/collections/{collectionId}/items": _operation("items", "Features", geojson, page),
            "/collections/{collectionId}/items/{featureId}": _operation(
                "item", "A feature", geojson, ["collectionId", "featureId"]
            ),
        },
        "components": {
            "parameters": _parameters(names=names, most=most),
            "responses": {"Error": {"description": "What is wrong, and with which parameter", "content": error}},
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": text, "message": text, "field": {**text, "nullable": True}},
                }
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "wangge_session"},
            },
        },
    }
