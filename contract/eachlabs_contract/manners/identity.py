"""Manners of identity: a key goes to the API alone, in a header, and callers say what they are."""

from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.traffic import OUTPUT, event_name, path_of
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Violation


@manner(
    "keys.output-host",
    "The key is sent to the API alone, never to the host of the outputs.",
    why="outputs lie on a storage host of somebody else, who could use the key from then on",
    right="download outputs with a session of their own that holds no key",
)
def output_host(journal: Journal) -> Observations:
    """Looks for downloads that carried a key in a header or in the address."""
    for each in journal.episode.exchanges:
        if each.keys is not None and OUTPUT.search(path_of(each)):
            done = f"{event_name(each)} carried the key ({', '.join(each.keys)}), although no output needs one"
            yield Violation(done, (each,)) if each.keys else None


@manner(
    "keys.in-url",
    "The key is never part of an address.",
    why="addresses are written to logs, histories and Referer headers, where others read them",
    right="send the key in the header X-API-Key only",
)
def in_url(journal: Journal) -> Observations:
    """Looks for a key in the query of every request that carried one."""
    for each in journal.episode.exchanges:
        if each.keys:
            yield (
                Violation(f"{event_name(each)} carried the key in its address", (each,))
                if "query" in each.keys
                else None
            )


@manner(
    "requests.user-agent",
    "Every request says in User-Agent what sent it.",
    level=Level.SHOULD,
    why="a service that is troubled by a program can tell its owner only if the program says what it is",
    right="send User-Agent with the program's name and version",
)
def user_agent(journal: Journal) -> Observations:
    """Looks at the header of every request."""
    for each in journal.episode.exchanges:
        said = next((value for name, value in each.request.headers if name.lower() == "user-agent"), None)
        if said is not None:
            yield None if said.strip() else Violation(f"{event_name(each)} carried no User-Agent", (each,))


MANNERS: Final[tuple[Manner, ...]] = (output_host, in_url, user_agent)
