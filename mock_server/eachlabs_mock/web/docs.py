"""Renders the page of `GET /v1/docs`: what this server is, how to call it, what it accepts.

One self-contained HTML page without scripts and without requests to other servers.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from eachlabs_mock.web.openapi import openapi_document

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy of the page: texts of a model file must run no script."""


class ModelFacts(Protocol):
    """The facts of a model that the page shows."""

    @property
    def title(self) -> str:
        """The display name."""
        ...

    @property
    def slug(self) -> str:
        """The name in a create request."""
        ...

    @property
    def cost(self) -> Decimal | None:
        """USD per execution; None where unknown."""
        ...

    @property
    def request_schema(self) -> Mapping[str, Any]:
        """JSON Schema of the input."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table of routes."""

    method: str
    path: str
    summary: str
    needs_key: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input field of a model, in words.

    :param rule: type and bounds, such as "integer from 1 to 50".
    :param options: the only legal values, as JSON; empty where others are legal.
    :param default: as JSON; empty where there is none.
    """

    name: str
    required: bool
    rule: str
    description: str
    options: tuple[str, ...]
    default: str


_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


def render(profile: str, base_url: str, models: Sequence[ModelFacts], limits: Mapping[str, str]) -> str:
    """Return the page as HTML.

    :param profile: name of the profile in force; its OpenAPI document lists the routes.
    :param base_url: absolute, with `/v1`, as the reader's browser reached it.
    :param limits: the value of each limit, in words, by its title.
    """
    contract = openapi_document(profile, base_url)
    return _template().render(
        base_url=base_url,
        contract=contract["info"],
        models=[(model, parameters(model.request_schema)) for model in models],
        limits=limits,
        routes=routes(contract),
        example=_example(models),
    )


def routes(contract: Mapping[str, Any]) -> list[Route]:
    """Return the routes of an OpenAPI document, in its order, with the path of their server."""
    return [
        Route(method.upper(), _base_path(contract, item) + path, operation["summary"], operation.get("security") != [])
        for path, item in contract["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    ]


def parameters(schema: Mapping[str, Any]) -> list[Parameter]:
    """Return the fields of a model's input in the order of its schema."""
    required = schema.get("required", ())
    return [
        Parameter(
            name=name,
            required=name in required,
            rule=rule(field),
            description=field.get("description", ""),
            options=tuple(_shown(option) for option in field.get("enum", ())),
            default=_shown(field["default"]) if "default" in field else "",
        )
        for name, field in schema.get("properties", {}).items()
    ]


def rule(field: Mapping[str, Any]) -> str:
    """Return type and bounds of a field's schema in words."""
    kind = field.get("type", "any value")
    words = [kind if isinstance(kind, str) else " or ".join(kind)]
    least, most = field.get("minimum"), field.get("maximum")
    if least is not None and most is not None:
        words.append(f"from {least} to {most}")
    elif least is not None:
        words.append(f"of at least {least}")
    elif most is not None:
        words.append(f"of at most {most}")
    if least_length := field.get("minLength"):
        words.append(f"of at least {least_length} character{'s' if least_length > 1 else ''}")
    return " ".join(words)


def _base_path(contract: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """Return the path below which a path item of *contract* is served, such as "/v1"."""
    url: str = item.get("servers", contract["servers"])[0]["url"]
    return urlsplit(url).path


def _example(models: Sequence[ModelFacts]) -> str:
    """Return the body of a create request for the first of *models*, quoted for a shell."""
    if not models:
        return shlex.quote('{"model": "MODEL", "input": {}}')
    fields = models[0].request_schema.get("properties", {})
    content = {name: _value(fields[name]) for name in models[0].request_schema.get("required", ()) if name in fields}
    body = {"model": models[0].slug, "input": content}
    return shlex.quote(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())


def _value(field: Mapping[str, Any]) -> object:
    """Return a value that fits the schema of a field."""
    if "default" in field:
        return field["default"]
    if "enum" in field:
        return field["enum"][0]
    by_type = {"string": "a lighthouse made of paper", "boolean": True, "array": [], "object": {}}
    return by_type.get(field.get("type", "string"), field.get("minimum", 1))


def _shown(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


@cache
def _template() -> Template:
    loader = PackageLoader("eachlabs_mock.web")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("docs.html")
