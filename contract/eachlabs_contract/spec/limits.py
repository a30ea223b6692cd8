"""Numbers of the page: "Rate Limits" and the average response time. Times are in milliseconds."""

from typing import Final

MILLIS: Final = 1000
"""Milliseconds of a second."""

MINUTE: Final = 60 * MILLIS

REQUESTS_PER_MINUTE: Final = 100
"""The most requests of one key in a minute, creates and reads together."""

IN_FLIGHT: Final = 10
"""The most predictions of one key at the same time."""

USUAL_DURATION: Final = 17 * MILLIS
"""The average duration of a prediction."""
