"""How tests recognise a refusal of the page profile."""

from werkzeug.test import TestResponse


def page_error(answer: TestResponse, status: int) -> str:
    """Return the whole text of *answer*, which must be the page's error body with HTTP *status*."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json"
    body = answer.json
    assert set(body) == {"status", "message", "details"}
    assert all(isinstance(value, str) and value for value in body.values()), body
    assert body["status"] == "error"
    assert "Traceback" not in answer.text
    return f"{body['message']}: {body['details']}"


def reason(answer: TestResponse) -> tuple[int, str]:
    """Return HTTP status and message of a refusal, which together name its row of the table."""
    page_error(answer, answer.status_code)
    return answer.status_code, str(answer.json["message"])
