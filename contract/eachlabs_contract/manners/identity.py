"""Manners about identity: the caller sends its key to the API only, in a header, and sends a User-Agent."""

from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.traffic import OUTPUT, event_name, path_of
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Violation


@manner(
    "keys.output-host",
    "The caller sends its key to the API only, never to the host of the outputs.",
    why="outputs are on a storage host of a third party, which could use the key",
    right="download outputs with a separate session that has no key",
)
def output_host(journal: Journal) -> Observations:
    """Looks for downloads with a key in a header or in the URL."""
    for exchange in journal.episode.exchanges:
        if exchange.keys is not None and OUTPUT.search(path_of(exchange)):
            done = f"{event_name(exchange)} carried the key ({', '.join(exchange.keys)}); outputs need no key"
            yield Violation(done, (exchange,)) if exchange.keys else None


@manner(
    "keys.in-url",
    "The caller never puts its key in a URL.",
    why="URLs end up in logs, histories and Referer headers, where others can read them",
    right="send the key in the header X-API-Key only",
)
def in_url(journal: Journal) -> Observations:
    """Looks for a key in the query string of each request that carries a key."""
    for exchange in journal.episode.exchanges:
        if exchange.keys:
            violation = Violation(f"{event_name(exchange)} carried the key in its URL", (exchange,))
            yield violation if "query" in exchange.keys else None


@manner(
    "requests.user-agent",
    "The caller sends a User-Agent with every request.",
    level=Level.SHOULD,
    why="without a User-Agent the service cannot contact the owner of a program that causes trouble",
    right="send User-Agent with the program's name and version",
)
def user_agent(journal: Journal) -> Observations:
    """Checks the header User-Agent of every request."""
    for exchange in journal.episode.exchanges:
        agent = next((value for name, value in exchange.request.headers if name.lower() == "user-agent"), None)
        if agent is not None:
            yield None if agent.strip() else Violation(f"{event_name(exchange)} carried no User-Agent", (exchange,))


MANNERS: Final[tuple[Manner, ...]] = (output_host, in_url, user_agent)
