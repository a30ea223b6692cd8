"""Webhook bodies, of both profiles, and everything that is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_client import WebhookError, WebhookEvent, WebhookStatus, parse_webhook
from helpers.client_fakes import ID, OUTPUT

SUCCEEDED = {"error": "", "exec_id": ID, "flow_id": "", "output": OUTPUT, "status": "succeeded"}
FAILED = {"error": "It failed", "exec_id": ID, "flow_id": "", "output": "", "status": "failed"}
LIVE_FAILED = {
    "error": "",
    "exec_id": ID,
    "flow_id": None,
    "output": [{"id": "", "status": "", "output": "", "error": "The provider said no"}],
    "status": "failed",
}


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (SUCCEEDED, WebhookEvent(ID, WebhookStatus.SUCCEEDED, (OUTPUT,))),
        ({**SUCCEEDED, "flow_id": None}, WebhookEvent(ID, WebhookStatus.SUCCEEDED, (OUTPUT,))),
        ({**SUCCEEDED, "output": ["a", "b"]}, WebhookEvent(ID, WebhookStatus.SUCCEEDED, ("a", "b"))),
        (FAILED, WebhookEvent(ID, WebhookStatus.FAILED, error="It failed")),
        (LIVE_FAILED, WebhookEvent(ID, WebhookStatus.FAILED, error="The provider said no")),
        ({**LIVE_FAILED, "output": []}, WebhookEvent(ID, WebhookStatus.FAILED)),
        ({**LIVE_FAILED, "output": ["x", {}]}, WebhookEvent(ID, WebhookStatus.FAILED)),
    ],
)
def test_events_of_both_profiles_are_read(body: Any, event: WebhookEvent) -> None:
    assert parse_webhook(raw(body)) == event


@pytest.mark.parametrize("status", ["success", "error", "processing", "", None, 1, ["succeeded"], {}])
def test_status_outside_the_vocabulary_is_refused(status: Any) -> None:
    with pytest.raises(WebhookError, match="succeeded or failed") as caught:
        parse_webhook(raw({**SUCCEEDED, "status": status}))

    assert caught.value.prediction_id == ID


@pytest.mark.parametrize("exec_id", ["", None, 7, [ID]])
def test_event_without_a_prediction_is_refused(exec_id: Any) -> None:
    with pytest.raises(WebhookError, match="exec_id"):
        parse_webhook(raw({**SUCCEEDED, "exec_id": exec_id}))


@pytest.mark.parametrize("body", [b"", b"exec_id=1", b"[]", b"null", b"\xff"])
def test_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookError, match="not a JSON object"):
        parse_webhook(body)


ANY = st.none() | st.text() | st.integers() | st.lists(st.text() | st.dictionaries(st.just("error"), st.text()))
EVENTS = st.fixed_dictionaries(
    {}, optional={"status": st.sampled_from(["succeeded", "failed"]) | ANY, "exec_id": ANY, "error": ANY, "output": ANY}
)


@given(st.binary() | EVENTS.map(raw))
def test_parser_returns_an_event_or_raises_a_webhook_error(body: bytes) -> None:
    try:
        event = parse_webhook(body)
    except WebhookError:
        return

    assert event.exec_id
