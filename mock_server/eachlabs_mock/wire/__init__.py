"""Reads create requests, and writes the response and webhook bodies of each profile."""

from eachlabs_mock.wire.create_request import AT_A_GLANCE, parse_json, read_submission
from eachlabs_mock.wire.profile import PROFILES, Profile

__all__ = ["AT_A_GLANCE", "PROFILES", "Profile", "parse_json", "read_submission"]
