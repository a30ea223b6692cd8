"""Targets that only read: bodies, words, files, addresses. Each takes bytes, and raises what nobody has documented."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import orjson

from eachlabs_client import EachlabsError, parse_webhook
from eachlabs_client.bodies import read_created, read_object, read_prediction
from eachlabs_contract.history import journal, recording
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.faults.directives import read_directives
from eachlabs_mock.faults.rule import Rule, RuleError, read_rule, read_rule_text
from eachlabs_mock.faults.scenario import ScenarioError, load_scenario
from eachlabs_mock.models.importer import ImportProblem, import_model
from eachlabs_mock.models.model_file import ModelFileError, parse_model
from eachlabs_mock.settings.converters import value_of
from eachlabs_mock.settings.server import Settings, registry
from eachlabs_mock.webhooks.egress import Egress, without_secrets
from eachlabs_mock.wire.create_request import parse_json, read_submission
from fuzz.source import Source
from helpers.journals import Book

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures"
ALL_FAULTS = replace(Settings(), wire_faults=True)

Target = Callable[[bytes], None]


def submission(data: bytes) -> None:
    """The body of a create."""
    with suppress(ApiError):
        read = read_submission(parse_json(data))
        assert read.model
        assert not read.webhook_url or _is_read_alike(read.webhook_url)


def address(data: bytes) -> None:
    """The address of a webhook: whoever takes it from a create can call it, and no reader of it raises."""
    url = data.decode("utf-8", "surrogateescape")
    body = {"model": "x", "input": {}, "webhook_url": url}
    with suppress(ApiError):
        assert _is_read_alike(read_submission(body).webhook_url or "http://x")
    _is_read_alike(url)


def _is_read_alike(url: str) -> bool:
    """Whether *url* is one that can be called, as the sender reads it."""
    assert "\n" not in without_secrets(url)
    with patch.object(socket, "getaddrinfo", _nowhere):
        refusal = Egress(()).refusal(url)
        told = Egress(()).send(url, b"", {}, 1).error
    Egress(["any"]).allows_unseen(url)
    assert told
    return "is not an absolute http or https URL" not in refusal


def _nowhere(host: str, port: int, **_: object) -> list[Any]:
    host.encode("idna")
    assert 0 < port < 65_536
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]


def words(data: bytes) -> None:
    """A scenario in words; what was read can be written as a document, and read again as the same."""
    with suppress(RuleError):
        _check_document(read_rule_text(data.decode("utf-8", "replace")))


def prompt(data: bytes) -> None:
    """A prompt, which may ask for faults."""
    text = f"[mock:{data.decode('utf-8', 'replace')}"
    with suppress(ApiError):
        for rule in read_directives(text, ALL_FAULTS):
            _check_document(rule)


def _check_document(rule: Rule) -> None:
    assert read_rule(orjson.loads(orjson.dumps(rule.document()))) == rule


def scenario(data: bytes) -> None:
    """A file of a scenario."""
    with suppress(ScenarioError):
        load_scenario(_written("scenario.toml", data))


def page(data: bytes) -> None:
    """A model page, or the JSON of a model."""
    with suppress(ImportProblem):
        import_model(data.decode("utf-8", "replace"))


def model(data: bytes) -> None:
    """A model file; what can be loaded can judge any input that JSON can say."""
    with suppress(ModelFileError, orjson.JSONDecodeError):
        loaded = parse_model(_text(data, _model()), Path("model.json"))
        given = orjson.loads(json.dumps(Source(data).edited({"prompt": "x", "seed": 1, "guidance": 2.5})))
        for each in ({}, {"prompt": "x"}, *([given] if isinstance(given, dict) else ())):
            loaded.check(each, strict=True)
            loaded.coerced(each)


def setting(data: bytes) -> None:
    """The value of any setting, as a flag, a variable or a control call gives it."""
    source = Source(data)
    field = source.choice(registry())
    with suppress(ValueError):
        value_of(field, source.rest.decode("utf-8", "replace") if source.number(2) else source.value())


def webhook(data: bytes) -> None:
    """What a receiver of webhooks is sent."""
    with suppress(EachlabsError):
        assert parse_webhook(data).exec_id


def bodies(data: bytes) -> None:
    """What a server answers to the client."""
    for reader in (read_created, lambda body: read_prediction("x", body)):
        with suppress(EachlabsError):
            reader(read_object(data))


def calls(data: bytes) -> None:
    """A journal that was saved, as the judge of callers reads it."""
    with suppress(journal.JournalError):
        journal.read_journal(journal.load_journal(_text(data, _journal())))


def history(data: bytes) -> None:
    """A recorded history, as the judge of servers reads it."""
    with suppress(ValueError):
        recording.load_history(_text(data, _recording()))


def _text(data: bytes, document: Any) -> str:
    """Return *data* as text, or *document* as JSON, edited as *data* says."""
    source = Source(data)
    return json.dumps(source.edited(document)) if source.number(8) else source.rest.decode("utf-8", "replace")


@cache
def _journal() -> Any:
    return json.loads(journal.dump_journal(Book().made().create(0, 1).poll(1000).hook(2600).fetch(3000).document()))


@cache
def _model() -> Any:
    return json.loads((FIXTURES / "models" / "qwen-image.json").read_bytes())


@cache
def _recording() -> Any:
    return json.loads(min((FIXTURES / "histories" / "legal").iterdir()).read_bytes())


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="fuzz-")


def _written(name: str, data: bytes) -> str:
    file = Path(_folder().name) / name
    file.write_bytes(data)
    return str(file)


READERS: dict[str, Target] = {
    each.__name__: each
    for each in (submission, address, words, prompt, scenario, page, model, setting, webhook, bodies, calls, history)
}
