"""The page's OpenAPI document, and the variants of it that the checks use.

The published document describes the emulator, which decides some points that the page leaves open. The checks demand
less: only the routes on the page, only requests that are certainly valid or invalid, and further fields are allowed.
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
"""The routes on the page; others are the emulator's own, or from the service's newer documentation."""

INPUT: Final = "QwenImageInput"
"""The schema of the model's `input` in the published document."""

PLAIN_TEXT: Final = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
"""Texts that are not blank and have no control characters; the page is silent about others."""

LARGEST_SEED: Final = 2**31
"""The largest seed that every server accepts: the page sets no bound, but a number type may."""


def published_document() -> Document:
    """Return the published document."""
    import yaml  # noqa: PLC0415  # a list of claims reads no document

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (fixtures_folder() / "openapi" / "page.yaml").read_text(encoding="utf-8")
    document: Document = yaml.load(text, loader)  # noqa: S506  # a safe loader, the fast one if available
    return document


def closed_document(document: Mapping[str, Any]) -> Document:
    """Return *document* with every object of an answer or a webhook closed: it allows no undocumented field."""
    closing = deepcopy(dict(document))
    requests = set(_requested(closing))
    for name, schema in closing["components"]["schemas"].items():
        if name not in requests:
            _close(schema)
    return closing


def judging_document(model: Model, *, exactly: bool = False) -> Document:
    """Return the promises of the page for *model*: two operations, and answers with at least the documented fields.

    It leaves out the server's address, keys, headers and output files, which other checks cover, and 429, since the
    limits are off. It allows what the page leaves open: several outputs, and other refusals of a read, such as 400 for
    an unknown id or 422 for a failed prediction.

    :param exactly: whether answers must hold no undocumented fields.
    """
    document = closed_document(published_document()) if exactly else published_document()
    for name in ("servers", "security"):
        del document[name]
    document["paths"] = {path: document["paths"][path] for path in PATHS}
    by_id = operations(document)
    # Its examples are of one model, and name webhook URLs.
    del by_id[CREATE_OPERATION]["requestBody"]["content"]["application/json"]["examples"]
    by_id[READ_OPERATION]["responses"]["4XX"] = {"$ref": "#/components/responses/BadRequest"}
    for operation in by_id.values():
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
    """Return `judging_document` with only those creates that every correct server accepts.

    They have no empty text, no undocumented field, and no number with unknown bounds.
    """
    document = judging_document(model)
    schemas = document["components"]["schemas"]
    parameters = schemas[INPUT].get("properties", {})
    good = {name: _surely_good(name, parameter) for name, parameter in parameters.items()}
    schemas[INPUT]["properties"] = {name: schema for name, schema in good.items() if schema or name in model.required}
    schemas[INPUT]["additionalProperties"] = False
    schemas["CreateRequest"]["additionalProperties"] = False
    return document


def refusing_document(model: Model) -> Document:
    """Return `judging_document` with every create that some server may accept: all others are certainly invalid.

    Use it to recognize invalid creates, and `judging_document` to make them: an empty prompt is valid here.
    """
    document = judging_document(model)
    for parameter in document["components"]["schemas"][INPUT].get("properties", {}).values():
        for keyword in ("minLength", "maxLength", "pattern", "format"):
            parameter.pop(keyword, None)
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
    """Return a validator for bodies of creates, as JSON, under *document*."""
    import jsonschema_rs  # noqa: PLC0415  # slow to import, and a list of claims validates nothing

    schema = {"$ref": "#/components/schemas/CreateRequest", "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


def _requested(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the schemas that requests use."""
    waiting = [operation.get("requestBody", {}) for operation in operations(document).values()]
    while waiting:
        for name in _references(waiting.pop()):
            yield name
            waiting.append(document["components"]["schemas"][name])


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            yield target.rpartition("/")[2]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _close(node: object) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        for child in node.values():
            _close(child)


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
    # One branch at a time: "not valid under any of the three" does not say what is wrong.
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
    """Return a schema of values that every server accepts; empty where only the default may be one."""
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
