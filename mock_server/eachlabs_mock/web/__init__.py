"""HTTP: the Flask application, the fast lane in front of it, and what every call needs."""

from eachlabs_mock.web.call import MAX_BODY, MAX_DOCUMENT, Call, is_host
from eachlabs_mock.web.fault_injection import FaultInjector
from eachlabs_mock.web.flask_app import make_flask_app
from eachlabs_mock.web.handlers import Handlers
from eachlabs_mock.web.lane import AtOnce, Lane, no_lane
from eachlabs_mock.web.openapi import openapi_document
from eachlabs_mock.web.output_cache import OutputCache
from eachlabs_mock.web.problem import Problem, bad
from eachlabs_mock.web.request_log import RequestLog
from eachlabs_mock.web.routes import PublicApi
from eachlabs_mock.web.wsgi import Answer, called

__all__ = [
    "MAX_BODY", "MAX_DOCUMENT", "Answer", "AtOnce", "Call", "FaultInjector", "Handlers", "Lane", "OutputCache",
    "Problem", "PublicApi", "RequestLog", "bad", "called", "is_host", "make_flask_app", "no_lane", "openapi_document",
]  # fmt: skip
