"""What the tests know of the emulator behind a real socket."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LiveServer:
    """An emulator in a process of its own."""

    url: str
    base_url: str
    api_key: str
    ready: dict[str, Any]
