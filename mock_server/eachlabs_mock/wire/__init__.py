"""Reads create requests, and writes the response and webhook bodies of each profile."""

from eachlabs_mock.wire.create_request import SMALL_BODY, parse_json, read_submission
from eachlabs_mock.wire.profile import PROFILES, Profile

__all__ = ["PROFILES", "SMALL_BODY", "Profile", "parse_json", "read_submission"]
