"""Reads what came over the wire; nothing here trusts it."""

import json
from typing import Any

Body = dict[str, Any]


def document(content: bytes | None) -> Body:
    """Return the JSON object in *content*; an empty one where there is none."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
