"""Writes a request as a curl command that sends exactly the same; keys stay in the environment."""

import re
import shlex
from typing import Final

from eachlabs_contract.history.events import MASK, Exchange, Request

_GLOBBED: Final = frozenset("[]{}")


def as_curl(exchange: Exchange, root: str) -> str:
    """Return the curl command that sends the request of *exchange* again.

    A key is written as a variable that is named after its role, such as ``$EACHLABS_API_KEY``.

    :param root: scheme and host of the server.
    """
    request = exchange.request
    words = ["curl", *_method(request), *_address(request, root)]
    for name, value in _headers(request):
        words += ["-H", _header(name, value, exchange.caller)]
    if not request.body:
        return " ".join(words)
    if _is_plain(request.body):
        return " ".join([*words, "--data-raw", shlex.quote(request.body.decode())])
    return f"printf {_escaped(request.body)} | {' '.join(words)} --data-binary @-"


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["--head"]
    return [] if request.method == "GET" and not request.body else ["-X", shlex.quote(request.method)]


def _address(request: Request, root: str) -> list[str]:
    options = ["--globoff"] if _GLOBBED & set(request.path) else []
    options += ["--path-as-is"] if "/." in request.path else []
    return [*options, shlex.quote(root + request.path if request.path.startswith("/") else request.path)]


def _headers(request: Request) -> list[tuple[str, str]]:
    if not request.body or any(name.lower() == "content-type" for name, _ in request.headers):
        return list(request.headers)
    return [*request.headers, ("Content-Type", "")]  # otherwise curl declares a form


def _header(name: str, value: str, caller: str) -> str:
    if value == MASK and name.lower() == "x-api-key":
        return f'"{name}: ${_variable(caller)}"'
    return shlex.quote(f"{name}: {value}" if value or name == "Content-Type" else f"{name};")


def _variable(caller: str) -> str:
    """Return the name of the variable that holds the key of a role."""
    usual = {"owner": "EACHLABS_API_KEY", "stranger": "EACHLABS_BAD_KEY"}
    return usual.get(caller, f"EACHLABS_{re.sub(r'[^0-9A-Za-z]', '_', caller).upper()}_KEY")


def _is_plain(body: bytes) -> bool:
    try:
        return all(char.isprintable() or char in "\n\t" for char in body.decode())
    except UnicodeDecodeError:
        return False


def _escaped(body: bytes) -> str:
    """Return *body* as a quoted format of printf(1), which can express every byte."""
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F) if chr(byte) not in "%\\'-"}
    return "'" + "".join("%%" if byte == ord("%") else plain.get(byte, f"\\{byte:03o}") for byte in body) + "'"
