"""Checks of output files: they can be fetched, and have the right format and HTTP headers."""

from collections.abc import Mapping
from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.outputs import pictures
from eachlabs_contract.checks.outputs.support import addresses, make, options
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level, Status, page
from eachlabs_contract.targets import UNKNOWN_ID, Need
from eachlabs_contract.verdict import InconclusiveError

PICTURES: Final[Mapping[str, tuple[str, str]]] = {
    "webp": ("WEBP", "image/webp"),
    "jpg": ("JPEG", "image/jpeg"),
    "jpeg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
}
"""For each output format: Pillow's name of it, and its media type."""

EXTENSIONS: Final[Mapping[str, frozenset[str]]] = {
    "webp": frozenset({"webp"}),
    "jpg": frozenset({"jpg"}),
    "jpeg": frozenset({"jpeg", "jpg"}),
    "png": frozenset({"png"}),
}

REPEATS: Final = 3


# --- the file is there ---


@check(
    "outputs.fetched-without-key",
    "The output of a finished prediction can be fetched without a key, with the same bytes each time.",
    source='page, "Get Prediction Response (Success)": output is a plain URL',
    executions=1,
    minimum=REPEATS,
)
def fetched_without_key(session: Session) -> None:
    """Fetches one output three times without a key, and compares the bytes."""
    (output,) = make(session, {"seed": 7} if "seed" in session.model.parameters else {})

    for _ in range(REPEATS - 1):
        again = session.fetch(output.urls[0])
        same = again.answer is not None and again.answer.body == output.body
        expected = f"200 and the same {len(output.body)} bytes as the first time"
        got = f"{again.status} and {len(again.answer.body) if again.answer else 0} bytes, the same: {same}"
        session.promise(again.status == 200 and same, expected, output.file, again, got=got)


@check(
    "outputs.length",
    "Content-Length, if sent, is the size of the file, and HEAD, if supported, agrees with GET.",
    source="HTTP: RFC 9110, 8.6 and 9.3.2",
    level=Level.SHOULD,
    executions=1,
)
def length(session: Session) -> None:
    """Compares Content-Length of a GET with its body, and the headers of a HEAD with those of the GET."""
    (output,) = make(session, {})
    header = _header(output.file, "Content-Length")
    expected = f"no Content-Length, or {len(output.body)}, the length of the body"
    session.promise(header in {"", str(len(output.body))}, expected, output.file, got=f"Content-Length: {header}")

    head = session.fetch(output.urls[0], "HEAD")
    if head.status == 200:
        for name in ("Content-Type", "Content-Length"):
            got, expected = _header(head, name), _header(output.file, name)
            session.promise(got in {"", expected}, f"{name}: {expected}, as with GET", head, got=f"{name}: {got}")


@check(
    "outputs.not-before-success",
    "No output file exists before its prediction has succeeded.",
    source='page, "Get Prediction Response": only success has an output',
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.FAILURE),
    executions=3,
    minimum=3,
)
def not_before_success(session: Session) -> None:
    """Derives the URLs of a running and of a failed prediction's output from that of another one, and fetches them."""
    (output,) = make(session, {})
    first = page.created(output.create.document).prediction_id
    if first not in output.urls[0]:
        raise InconclusiveError("the URL of an output does not contain the id, so no other URL can be derived")
    running = session.created()
    early = session.fetch(output.urls[0].replace(first, running))
    session.promise(400 <= early.status < 500, "404, since the prediction still runs", early)

    session.fail_next()
    failed = session.created()
    if page.prediction(session.finish(failed).document).status is not Status.ERROR:
        raise InconclusiveError("a prediction that was told to fail did not fail")
    never = session.fetch(output.urls[0].replace(first, failed))
    session.promise(400 <= never.status < 500, "404, since the prediction failed", never)


@check(
    "outputs.no-such-file",
    "A request for an output that does not exist is refused, and never causes a server error.",
    source="HTTP: RFC 9110, 15.5.5; the page is silent",
    level=Level.SHOULD,
    executions=1,
    minimum=2,
)
def no_such_file(session: Session) -> None:
    """Derives the URLs of an unknown id's output and of a second file from that of one output, and fetches them.

    A server that sizes pictures on request may serve the second file: only a server error breaks the claim there.
    """
    (output,) = make(session, {})
    first = page.created(output.create.document).prediction_id
    if first not in output.urls[-1]:
        raise InconclusiveError("the URL of an output does not contain the id, so no other URL can be derived")
    unknown = session.fetch(output.urls[-1].replace(first, UNKNOWN_ID))
    session.promise(400 <= unknown.status < 500, "404, since no prediction has this id", unknown)
    another = session.fetch(output.urls[-1].replace(first, f"{first}-99"))
    session.promise(another.status < 500, "404, since the prediction has no such file", another)


@check(
    "outputs.http",
    "The server chooses whether output files support HEAD, conditional and range requests.",
    source="HTTP: RFC 9110, 9.3.2, 13 and 14; the page is silent",
    level=Level.CHOICE,
    executions=1,
)
def http(session: Session) -> None:
    """Requests one output with HEAD, with its ETag in If-None-Match, and with a range of its first ten bytes."""
    (output,) = make(session, {})
    url, tag = output.urls[0], _header(output.file, "ETag")
    session.observe(f"HEAD is answered {session.fetch(url, 'HEAD').status}")
    if tag:
        conditional = session.fetch(url, headers=(("If-None-Match", tag),))
        session.observe(f"If-None-Match with its ETag is answered {conditional.status}")
    else:
        session.observe("there is no ETag")
    part = session.fetch(url, headers=(("Range", "bytes=0-9"),))
    right = part.status == 206 and part.answer and part.answer.body == output.body[:10]
    session.observe(f"a range is answered {part.status}{', correctly' if right else ''}")


def _header(exchange: Exchange, name: str) -> str:
    return (exchange.answer and exchange.answer.header(name)) or ""


# --- format ---


@check(
    "outputs.format",
    "The bytes and the media type of the file match `output_format`.",
    source='page, "Input Parameters": output_format',
    parameters=("output_format",),
    executions=4,
    minimum=4,
)
def of_format(session: Session) -> None:
    """Makes a picture of each format and one of the default; decodes each and compares its Content-Type."""
    formats = options(session, "output_format")
    default = str(session.model.parameters["output_format"].get("default", formats[0]))
    inputs = [{"output_format": option} for option in formats]

    for option, output in zip([*formats, default], make(session, *inputs, {}), strict=True):
        decoder, media_type = PICTURES[option]
        content_type = _header(output.file, "Content-Type").partition(";")[0].strip().lower()
        right = output.picture and output.picture.format == decoder and content_type == media_type
        expected = f"{decoder} bytes as {media_type}, since {option} was requested"
        session.promise(right, expected, *output.trail, got=str(output))


@check(
    "outputs.extension",
    "The extension in the URL of the file, if any, matches `output_format`.",
    source='page, "Input Parameters": output_format; programs name downloaded files after their URL',
    level=Level.SHOULD,
    parameters=("output_format",),
    executions=3,
)
def extension(session: Session) -> None:
    """Reads the output URL of a finished prediction of each format; fetches nothing."""
    formats = options(session, "output_format")
    created = [session.created(output_format=option) for option in formats]

    for option, prediction_id in zip(formats, created, strict=True):
        read = session.finish(prediction_id)
        for url in addresses(read):
            name = url.partition("?")[0].rpartition("/")[2]
            suffix = name.rpartition(".")[2] if "." in name else ""
            expected = f"a URL that ends in .{option} or has no extension, since {option} was requested"
            session.promise(not suffix or suffix.lower() in EXTENSIONS[option], expected, read)


CHECKS: Final[tuple[Check, ...]] = (
    fetched_without_key, length, not_before_success, no_such_file, http, of_format, extension, *pictures.CHECKS,
)  # fmt: skip
