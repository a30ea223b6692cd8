"""The emulator of the tests behind a real socket."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LiveServer:
    """An emulator in another process."""

    url: str
    base_url: str
    api_key: str
    ready: dict[str, Any]
