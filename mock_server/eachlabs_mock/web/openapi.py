"""Loads the OpenAPI document of a profile, and inserts the address of this server.

The documents are written by hand in `fixtures/openapi`.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from eachlabs_mock.resources import shipped

# libyaml is eight times as fast, and missing where PyYAML was built without it.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def openapi_document(profile: str, server_url: str) -> dict[str, Any]:
    """Return the OpenAPI document of *profile* as served from *server_url* (absolute, with `/v1`).

    The caller may change it. Raises LookupError for a profile without a document.
    """
    served = deepcopy(_written(find(profile)))
    written_url: str = served["servers"][0]["url"]
    for holder in (served, *served["paths"].values()):
        for server in holder.get("servers", ()):
            server["url"] = _moved(server["url"], written_url, server_url)
    return served


def find(profile: str, folder: Path | None = None) -> Path:
    """Return the file of *profile* in *folder*, by default the built-in one; LookupError where there is none."""
    known = {path.stem: path for path in (folder or shipped("openapi")).glob("*.yaml")}
    if profile not in known:
        raise LookupError(
            f"no OpenAPI document for the profile {profile!r}; there is {', '.join(sorted(known)) or 'none'}"
        )
    return known[profile]


def _moved(url: str, written: str, served: str) -> str:
    """Return *url*, which is *written* or a parent of it, moved to the same place relative to *served*."""
    below = written.removeprefix(url)
    return served.rstrip("/").removesuffix(below)


@cache
def _written(path: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # safe either way
    return parsed
