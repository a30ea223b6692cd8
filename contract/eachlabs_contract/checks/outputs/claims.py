"""Checks of output files: that they are there, of which format, and what HTTP says of them."""

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
"""For each output format: what the decoder calls it, and its media type."""

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
    "The output of a finished prediction is fetched without a key, and again and again with the same result.",
    source='page, "Get Prediction Response (Success)": output is a plain address',
    executions=1,
    minimum=REPEATS,
)
def fetched_without_key(session: Session) -> None:
    """Fetches one output three times over, without a key, and compares all bytes."""
    (made,) = make(session, {"seed": 7} if "seed" in session.model.parameters else {})

    for _ in range(REPEATS - 1):
        again = session.fetch(made.urls[0])
        same = again.answer is not None and again.answer.body == made.body
        expected = f"200 and the same {len(made.body)} bytes as the first time"
        got = f"{again.status} and {len(again.answer.body) if again.answer else 0} bytes, the same: {same}"
        session.promise(again.status == 200 and same, expected, made.file, again, got=got)


@check(
    "outputs.length",
    "Content-Length, where it is sent, is the number of bytes of the file, and HEAD, where it is answered, agrees.",
    source="HTTP: RFC 9110, 8.6 and 9.3.2",
    level=Level.SHOULD,
    executions=1,
)
def length(session: Session) -> None:
    """Compares the headers of a GET with its body, and those of a HEAD with the GET's."""
    (made,) = make(session, {})
    told = _header(made.file, "Content-Length")
    expected = f"no Content-Length, or {len(made.body)}, the length of the body"
    session.promise(told in {"", str(len(made.body))}, expected, made.file, got=f"Content-Length: {told}")

    head = session.fetch(made.urls[0], "HEAD")
    if head.status == 200:
        for name in ("Content-Type", "Content-Length"):
            got, expected = _header(head, name), _header(made.file, name)
            session.promise(got in {"", expected}, f"{name}: {expected}, as with GET", head, got=f"{name}: {got}")


@check(
    "outputs.not-before-success",
    "There is no file before its prediction has ended well.",
    source='page, "Get Prediction Response": only success has an output',
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.FAILURE),
    executions=3,
    minimum=3,
)
def not_before_success(session: Session) -> None:
    """Learns from one output how addresses are made, and asks for those of a running and a failed prediction."""
    (made,) = make(session, {})
    first = page.created(made.create.document).prediction_id
    if first not in made.urls[0]:
        raise InconclusiveError("the address of an output does not follow from the id, so none can be known before")
    running = session.created()
    early = session.fetch(made.urls[0].replace(first, running))
    session.promise(400 <= early.status < 500, "404, since the prediction still runs", early)

    session.fail_next()
    failed = session.created()
    if page.prediction(session.finish(failed).document).status is not Status.ERROR:
        raise InconclusiveError("a prediction that was told to fail did not")
    never = session.fetch(made.urls[0].replace(first, failed))
    session.promise(400 <= never.status < 500, "404, since the prediction failed", never)


@check(
    "outputs.no-such-file",
    "An address at which there is no output is refused and is no failure of the server.",
    source="HTTP: RFC 9110, 15.5.5; the page says nothing of it",
    level=Level.SHOULD,
    executions=1,
    minimum=2,
)
def no_such_file(session: Session) -> None:
    """Learns from one output how addresses are made; asks for that of an unknown id, and for a second file of its own.

    A server that cuts pictures to measure may well answer the second: only a failure is held against it.
    """
    (made,) = make(session, {})
    first = page.created(made.create.document).prediction_id
    if first not in made.urls[-1]:
        raise InconclusiveError("the address of an output does not follow from the id, so no other can be guessed")
    nobodys = session.fetch(made.urls[-1].replace(first, UNKNOWN_ID))
    session.promise(400 <= nobodys.status < 500, "404, since there is no prediction of this id", nobodys)
    another = session.fetch(made.urls[-1].replace(first, f"{first}-99"))
    session.promise(another.status < 500, "404, since the prediction has no such file", another)


@check(
    "outputs.http",
    "Output files may be asked for by HEAD, under a condition, and in part.",
    source="HTTP: RFC 9110, 9.3.2, 13 and 14; the page says nothing of it",
    level=Level.CHOICE,
    executions=1,
)
def http(session: Session) -> None:
    """Asks for one output by HEAD, with its own ETag as If-None-Match, and for its first ten bytes."""
    (made,) = make(session, {})
    url, tag = made.urls[0], _header(made.file, "ETag")
    session.observe(f"HEAD is answered {session.fetch(url, 'HEAD').status}")
    if tag:
        conditional = session.fetch(url, headers=(("If-None-Match", tag),))
        session.observe(f"If-None-Match with its ETag is answered {conditional.status}")
    else:
        session.observe("there is no ETag")
    part = session.fetch(url, headers=(("Range", "bytes=0-9"),))
    right = part.status == 206 and part.answer and part.answer.body == made.body[:10]
    session.observe(f"a range is answered {part.status}{', rightly' if right else ''}")


def _header(exchange: Exchange, name: str) -> str:
    return (exchange.answer and exchange.answer.header(name)) or ""


# --- format ---


@check(
    "outputs.format",
    "The file is of the format that `output_format` asks for, in its bytes and by its media type.",
    source='page, "Input Parameters": output_format',
    parameters=("output_format",),
    executions=4,
    minimum=4,
)
def of_format(session: Session) -> None:
    """Makes a picture of each format and one of the default; decodes each and compares its Content-Type."""
    formats = options(session, "output_format")
    default = str(session.model.parameters["output_format"].get("default", formats[0]))
    asked = [{"output_format": each} for each in formats]

    for option, made in zip([*formats, default], make(session, *asked, {}), strict=True):
        decoder, media_type = PICTURES[option]
        told = _header(made.file, "Content-Type").partition(";")[0].strip().lower()
        right = made.picture and made.picture.format == decoder and told == media_type
        session.promise(right, f"{decoder} bytes as {media_type}, for {option}", *made.trail, got=str(made))


@check(
    "outputs.extension",
    "The address of the file, where it has an extension, has that of the format asked for.",
    source='page, "Input Parameters": output_format; programs name the files they save after their address',
    level=Level.SHOULD,
    parameters=("output_format",),
    executions=3,
)
def extension(session: Session) -> None:
    """Reads the address of a finished prediction of each format; fetches nothing."""
    formats = options(session, "output_format")
    created = [session.created(output_format=each) for each in formats]

    for option, prediction_id in zip(formats, created, strict=True):
        read = session.finish(prediction_id)
        for url in addresses(read):
            name = url.partition("?")[0].rpartition("/")[2]
            found = name.rpartition(".")[2] if "." in name else ""
            expected = f"an address that ends in .{option}, or in no extension, since {option} was asked for"
            session.promise(not found or found.lower() in EXTENSIONS[option], expected, read)


CHECKS: Final[tuple[Check, ...]] = (
    fetched_without_key,
    length,
    not_before_success,
    no_such_file,
    http,
    of_format,
    extension,
    *pictures.CHECKS,
)
