"""What the page says in numbers: "Rate Limits", and the average response time. Times are in milliseconds."""

from typing import Final

MILLIS: Final = 1000
"""In a second."""

MINUTE: Final = 60 * MILLIS

REQUESTS_PER_MINUTE: Final = 100
"""Of one key, creates and reads together."""

IN_FLIGHT: Final = 10
"""Predictions of one key at the same time."""

USUAL_DURATION: Final = 17 * MILLIS
"""Of a prediction."""
