"""How tests recognise a refusal: the page's error body, or under `/__mock/` a problem document."""

from werkzeug.test import TestResponse


def page_error(answer: TestResponse, status: int) -> str:
    """Return the whole text of *answer*, which must be the error body of its route with HTTP *status*."""
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
    """Return the detail of *answer*, which must be a problem document."""
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert {"type", "title", "status", "detail"} <= set(body)
    assert (body["type"], body["status"]) == ("about:blank", answer.status_code)
    return str(body["detail"])


def reason(answer: TestResponse) -> tuple[int, str]:
    """Return HTTP status and message of a refusal, which together name its row of the table."""
    page_error(answer, answer.status_code)
    return answer.status_code, str(answer.json["message"])
