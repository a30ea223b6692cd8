"""Opens pages in a headless Chromium through its debugging pipe, without a port or a library."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from helpers.tools import need

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-pipe",
)

# The browser reads commands from descriptor 3 and writes to 4. They go aside first, or one might overwrite the other.
LAUNCH = """
import fcntl, os, sys
told, heard = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(told, 3)
os.dup2(heard, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""

LOOK = """
(() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const backdrop = element => {
    for (let each = element; each; each = each.parentElement) {
      const [red, green, blue, alpha = 1] = channels(getComputedStyle(each).backgroundColor);
      if (alpha > 0) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (text && element.checkVisibility())
      texts.push({text, ink: channels(getComputedStyle(element).color).slice(0, 3), paper: backdrop(element)});
  }
  return {width: document.documentElement.scrollWidth, texts};
})()
"""


@dataclass(frozen=True)
class Sight:
    """The visible facts of a page.

    :param width: of everything on it in CSS pixels; more than the window's, and it scrolls sideways.
    :param requests: addresses that were asked for, the page's own not among them.
    :param complaints: errors and warnings of the console.
    :param contrast: the least between a text and what is behind it, from 1 to 21, and that text.
    """

    width: int
    requests: tuple[str, ...]
    complaints: tuple[str, ...]
    contrast: tuple[float, str]


class Browser:
    """A running Chromium."""

    def __init__(self, commands: BinaryIO, events: BinaryIO) -> None:
        self._commands, self._events = commands, events
        self._numbers = itertools.count(1)
        self._seen: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def look(self, url: str, *, width: int = 375, scheme: str = "light") -> Sight:
        """Open *url* in a window of this width; *scheme* is the preferred colour scheme, light or dark."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=True)
        preferred = [{"name": "prefers-color-scheme", "value": scheme}]
        self._call("Emulation.setEmulatedMedia", features=preferred)
        self._seen.clear()
        self._call("Page.navigate", url=url)
        while not any(each["method"] == "Page.loadEventFired" for each in self._seen):
            self._receive()
        found = self._call("Runtime.evaluate", expression=LOOK, returnByValue=True)["result"]["value"]
        contrasts = ((contrast(each["ink"], each["paper"]), each["text"]) for each in found["texts"])
        return Sight(found["width"], self._requests(url), self._complaints(), min(contrasts))

    def _requests(self, url: str) -> tuple[str, ...]:
        asked = (each["params"]["request"]["url"] for each in self._named("Network.requestWillBeSent"))
        return tuple(each for each in asked if each != url and not each.startswith("data:"))

    def _complaints(self) -> tuple[str, ...]:
        logged = (each["params"]["entry"]["text"] for each in self._named("Log.entryAdded"))
        written = (str(each["params"]) for each in self._named("Runtime.consoleAPICalled"))
        thrown = (str(each["params"]) for each in self._named("Runtime.exceptionThrown"))
        return (*logged, *written, *thrown)

    def _named(self, method: str) -> Iterator[dict[str, Any]]:
        return (each for each in self._seen if each["method"] == method)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while (message := self._receive()).get("id") != number:
            pass
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        received = bytearray()
        while (byte := self._events.read(1)) != b"\0":
            assert byte, "the browser is gone"
            received += byte
        message: dict[str, Any] = json.loads(received)
        if "method" in message:
            self._seen.append(message)
        return message


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Run a Chromium with the profile directory *profile*; skip the test if it is not installed."""
    chromium = need("chromium", "apt-get install chromium")
    told, tell = os.pipe()
    hear, heard = os.pipe()
    command = [chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    started = [sys.executable, "-c", LAUNCH, str(told), str(heard), *command]
    with (
        open(tell, "wb") as commands,  # noqa: PTH123  # a descriptor has no path
        open(hear, "rb") as events,  # noqa: PTH123  # the same
        subprocess.Popen(started, pass_fds=(told, heard), stderr=subprocess.DEVNULL) as process,
    ):
        os.close(told)
        os.close(heard)
        try:
            yield Browser(commands, events)
        finally:
            process.terminate()


def contrast(one: list[float], other: list[float]) -> float:
    """Return the WCAG 2 contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: list[float]) -> float:
    linear = [(each / 255 / 12.92 if each <= 10 else ((each / 255 + 0.055) / 1.055) ** 2.4) for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
