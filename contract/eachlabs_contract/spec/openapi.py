"""The page's OpenAPI document, and the variants of it that a server is judged by.

The published document describes the emulator, which in places decides what the page leaves open. A server is judged by
less: by the routes that stand on the page, by requests that are surely good or surely bad, and by answers to which
fields may be added.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from eachlabs_contract.spec.model import Model, fixtures_folder

if TYPE_CHECKING:
    import jsonschema_rs

Document = dict[str, Any]

METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
CREATE_OPERATION: Final = "createPrediction"
READ_OPERATION: Final = "getPrediction"
PATHS: Final = ("/prediction/", "/prediction/{predictionID}")
"""What the page itself describes; the rest is the emulator's own, or out of the service's newer documentation."""

INPUT: Final = "QwenImageInput"
"""The schema of the model's `input` in the published document."""

PLAIN_TEXT: Final = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
"""Texts without control characters, of more than blanks; of others the page says nothing."""

LARGEST_SEED: Final = 2**31
"""Up to here any server takes a seed; the page sets no bound, and a larger one may not fit somebody's number."""


def published_document() -> Document:
    """Return the document as it is published."""
    import yaml  # noqa: PLC0415  # a list of claims reads no document

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (fixtures_folder() / "openapi" / "page.yaml").read_text(encoding="utf-8")
    document: Document = yaml.load(text, loader)  # noqa: S506  # a safe loader, the fast one where there is one
    return document


def closed_document(document: Mapping[str, Any]) -> Document:
    """Return *document* with every object of an answer or a webhook closed: no field but those that it names."""
    closing = deepcopy(dict(document))
    requests = set(_requested(closing))
    for name, schema in closing["components"]["schemas"].items():
        if name not in requests:
            _close(schema)
    return closing


def judging_document(model: Model, *, exactly: bool = False) -> Document:
    """Return what the page promises of *model*: two operations, and answers that hold at least the documented fields.

    Left out are the server's address, keys, headers and output files, which checks of their own see to, and 429, since
    the limits are off meanwhile. Let in are what the page leaves open: several outputs, and other refusals of a read,
    such as 400 for an unknown id or 422 for a prediction that failed.

    :param exactly: answers hold the documented fields and no others.
    """
    document = closed_document(published_document()) if exactly else published_document()
    for name in ("servers", "security"):
        del document[name]
    document["paths"] = {path: document["paths"][path] for path in PATHS}
    asked = operations(document)
    # Its examples are of one model, and name webhook addresses.
    del asked[CREATE_OPERATION]["requestBody"]["content"]["application/json"]["examples"]
    asked[READ_OPERATION]["responses"]["4XX"] = {"$ref": "#/components/responses/BadRequest"}
    for operation in asked.values():
        del operation["responses"]["429"]
        del operation["responses"]["200"]["headers"]
    for response in document["components"]["responses"].values():
        del response["headers"]
    schemas = document["components"]["schemas"]
    schemas["Prediction"] = _by_status(schemas["Prediction"])
    schemas["Succeeded"]["properties"]["output"] = _one_or_several(schemas["OutputAddress"])
    schemas[INPUT] = deepcopy(dict(model.schema))
    schemas["CreateRequest"] = _create(model)
    return document


def accepting_document(model: Model) -> Document:
    """Return `judging_document` with only such creates as every server takes that keeps the page.

    No empty text, no field that the page does not name, no number whose bounds are not known.
    """
    document = judging_document(model)
    schemas = document["components"]["schemas"]
    given = schemas[INPUT].get("properties", {})
    kept = {name: _surely_good(name, each) for name, each in given.items()}
    schemas[INPUT]["properties"] = {name: each for name, each in kept.items() if each or name in model.required}
    schemas[INPUT]["additionalProperties"] = False
    schemas["CreateRequest"]["additionalProperties"] = False
    return document


def refusing_document(model: Model) -> Document:
    """Return `judging_document` with every create that some server might take, so that all others are surely bad.

    It is for telling which those are. To make bad creates, start from `judging_document`: here an empty prompt is none.
    """
    document = judging_document(model)
    for each in document["components"]["schemas"][INPUT].get("properties", {}).values():
        for keyword in ("minLength", "maxLength", "pattern", "format"):
            each.pop(keyword, None)
    return document


def operations(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations of *document*, by their `operationId`."""
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


def create_validator(document: Mapping[str, Any]) -> "jsonschema_rs.Validator":
    """Return a judge of creates under *document*: of their bodies, as JSON."""
    import jsonschema_rs  # noqa: PLC0415  # slow to import, and a list of claims validates nothing

    schema = {"$ref": "#/components/schemas/CreateRequest", "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


def _requested(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the schemas that requests are made of."""
    waiting = [operation.get("requestBody", {}) for operation in operations(document).values()]
    while waiting:
        for name in _references(waiting.pop()):
            yield name
            waiting.append(document["components"]["schemas"][name])


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            yield target.rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _close(node: object) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        for each in node.values():
            _close(each)


def _create(model: Model) -> Document:
    return {
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": [model.slug]},
            "input": {"$ref": f"#/components/schemas/{INPUT}"},
        },
    }


def _by_status(one_of: Mapping[str, Any]) -> Document:
    # One branch at a time: "not valid under any of the three" would not tell anybody what is wrong.
    cases = one_of["discriminator"]["mapping"]
    return {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"enum": list(cases)}},
        "allOf": [
            {"if": {"properties": {"status": {"const": status}}}, "then": {"$ref": target}}
            for status, target in cases.items()
        ],
    }


def _one_or_several(address: Mapping[str, Any]) -> Document:
    several = {"type": "array", "minItems": 1, "items": dict(address)}
    return {"type": ["string", "array"], "pattern": address["pattern"], "minItems": 1, "items": several["items"]}


def _surely_good(name: str, parameter: Mapping[str, Any]) -> Document:
    """Return a schema of values that no server refuses; empty where none is known but the default."""
    kind = parameter.get("type")
    if parameter.get("enum") or kind == "boolean":
        return dict(parameter)
    if kind == "string" and name == "prompt":
        return {**parameter, "minLength": 1, "pattern": PLAIN_TEXT}
    if kind in {"integer", "number"} and {"minimum", "maximum"} <= parameter.keys():
        return dict(parameter)
    if name == "seed":
        return {**parameter, "minimum": 0, "maximum": LARGEST_SEED}
    return {"enum": [parameter["default"]]} if "default" in parameter else {}
