"""Assertions about refusals: the page's error body, or a problem document under `/__mock/`."""

from werkzeug.test import TestResponse


def page_error(answer: TestResponse, status: int) -> str:
    """Return the text of *answer* and assert that it is an error body with HTTP *status*."""
    assert answer.status_code == status, answer.text
    assert "Traceback" not in answer.text
    if answer.request.path.startswith("/__mock/"):
        return problem(answer)
    assert answer.content_type == "application/json"
    body = answer.json
    assert set(body) == {"status", "message", "details"}
    assert all(isinstance(value, str) and value for value in body.values()), body
    assert body["status"] == "error"
    return f"{body['message']}: {body['details']}"


def problem(answer: TestResponse) -> str:
    """Return the detail of *answer* and assert that it is a problem document."""
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert {"type", "title", "status", "detail"} <= set(body)
    assert (body["type"], body["status"]) == ("about:blank", answer.status_code)
    return str(body["detail"])


def reason(answer: TestResponse) -> tuple[int, str]:
    """Return HTTP status and message of a refusal, which identify its row of the table."""
    page_error(answer, answer.status_code)
    return answer.status_code, str(answer.json["message"])
