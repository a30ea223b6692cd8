"""Other servers, told to answer the two calls of the benchmark: each function writes what one needs, and how it starts.

They validate nothing, limit nothing and remember nothing; what they answer is canned.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.calls import CREATE_PATH
from bench.canned import CREATED, READ

NPM = Path(__file__).parents[2] / "fixtures/peers"
BY_NPM = "npm ci --ignore-scripts --prefix fixtures/peers"
_BIN = NPM / "node_modules/.bin"

_JSON = {"Content-Type": "application/json"}

_NGINX = """\
daemon off; worker_processes 1; error_log stderr crit; pid {folder}/pid;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port};
    location = {path} {{ return 200 '{created}'; }}
    location {path} {{ return 200 '{read}'; }}
  }}
}}
"""


def missing(*tools: str) -> str:
    """Return what to do to have *tools*, commands or files below `node_modules`; nothing where all are there."""
    absent = [each for each in tools if not (shutil.which(each) or (NPM / "node_modules" / each).exists())]
    if not absent:
        return ""
    from_npm = any("/" in each or each == "wiremock" for each in absent)
    advice = BY_NPM if from_npm else f"apt-get install {PACKAGES[absent[0]]}"
    return f"{', '.join(absent)} missing: {advice}"


PACKAGES = {"nginx": "nginx-light", "java": "default-jre-headless", "node": "nodejs"}
"""Debian's packages of the commands."""


def nginx(port: int, folder: Path) -> Sequence[str]:
    """Return the command of nginx with fixed answers: the machine's limit."""
    path = folder / "nginx.conf"
    path.write_text(_NGINX.format(folder=folder, port=port, path=CREATE_PATH, created=CREATED, read=READ))
    return "nginx", "-c", str(path), "-e", "stderr"


def wiremock(port: int, folder: Path, *flags: str) -> Sequence[str]:
    """Return the command of WireMock with one stub for each call."""
    mappings = folder / "mappings"
    mappings.mkdir()
    for name, request, body in (
        ("read", {"method": "GET", "urlPathPattern": f"{CREATE_PATH}[0-9a-f-]{{36}}"}, READ),
        ("create", {"method": "POST", "urlPath": CREATE_PATH}, CREATED),
    ):
        stub = {"request": request, "response": {"status": 200, "headers": _JSON, "body": body}}
        (mappings / f"{name}.json").write_text(json.dumps(stub))
    (jar,) = (NPM / "node_modules/wiremock/build").glob("*.jar")
    own = "--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder), "--disable-banner"
    return "java", "-jar", str(jar), *own, *flags


def wiremock_unjournaled(port: int, folder: Path) -> Sequence[str]:
    """Return the command of WireMock without its journal, at its fastest."""
    return wiremock(port, folder, "--no-request-journal")


def aimock(port: int, _folder: Path) -> Sequence[str]:
    """Return the command of aimock with a handler of its own kind for each call."""
    return "node", str(NPM / "aimock.mjs"), str(port), READ, CREATED


def mockoon(port: int, folder: Path) -> Sequence[str]:
    """Return the command of Mockoon with a route for each call, without templates."""
    path = CREATE_PATH.removeprefix("/")
    routes = [_mockoon_route(1, "get", f"{path}:id", READ), _mockoon_route(2, "post", path, CREATED)]
    children = [{"type": "route", "uuid": each["uuid"]} for each in routes]
    headers = [{"key": name, "value": value} for name, value in _JSON.items()]
    environment = {"uuid": _uuid(0), "lastMigration": 33, "name": "bench", "port": port, "hostname": "127.0.0.1"}
    file = folder / "mockoon.json"
    file.write_text(json.dumps({**environment, "headers": headers, "routes": routes, "rootChildren": children}))
    quiet = "--disable-log-to-file", "--disable-admin-api"
    return str(_BIN / "mockoon-cli"), "start", "--data", str(file), "--port", str(port), *quiet


def _mockoon_route(number: int, method: str, endpoint: str, body: str) -> dict[str, Any]:
    answer = {"uuid": _uuid(number + 2), "body": body, "statusCode": 200, "disableTemplating": True, "default": True}
    route = {"uuid": _uuid(number), "type": "http", "method": method, "endpoint": endpoint, "responseMode": None}
    return {**route, "responses": [{**answer, "headers": [], "rules": [], "bodyType": "INLINE"}]}


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def prism(port: int, folder: Path) -> Sequence[str]:
    """Return the command of Prism with an OpenAPI document of the two calls."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    read = {"get": {"parameters": [parameter], "responses": _openapi_answer(READ)}}
    create = {"post": {"requestBody": {"content": {"application/json": {}}}, "responses": _openapi_answer(CREATED)}}
    paths = {f"{CREATE_PATH}{{id}}": read, CREATE_PATH: create}
    path = folder / "openapi.json"
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "bench", "version": "1"}, "paths": paths}))
    return str(_BIN / "prism"), "mock", str(path), "-p", str(port), "-h", "127.0.0.1"


def _openapi_answer(body: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": json.loads(body)}}
    return {"200": {"description": "the answer", "content": content}}
