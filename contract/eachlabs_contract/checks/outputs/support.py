"""Makes predictions and fetches their output files, the first step of every check of an output."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Event, Exchange
from eachlabs_contract.spec import Status, page
from eachlabs_contract.verdict import InconclusiveError

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class FetchedOutput:
    """A prediction that succeeded, from its create to its file.

    :param urls: the URLs of its files, one or more.
    :param file: the first file, fetched without a key.
    """

    create: Exchange
    read: Exchange
    urls: tuple[str, ...]
    file: Exchange

    @property
    def trail(self) -> tuple[Event, ...]:
        """The exchanges that led to the file, the file last."""
        return self.create, self.read, self.file

    @property
    def body(self) -> bytes:
        """The bytes of the file."""
        return self.file.answer.body if self.file.answer else b""

    @cached_property
    def picture(self) -> "Image.Image | None":
        """The file, decoded; None where it is not a picture."""
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # a list of claims decodes nothing

        try:
            picture = Image.open(BytesIO(self.body))
            picture.load()
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            return None
        return picture

    @property
    def shows(self) -> tuple[tuple[int, int], bytes]:
        """What the picture shows: its size and every pixel, without metadata."""
        picture = self.picture
        return (picture.size, picture.convert("RGB").tobytes()) if picture else ((0, 0), self.body)

    def __str__(self) -> str:
        kind = (self.file.answer and self.file.answer.header("Content-Type")) or "without a type"
        inside = f"{self.picture.format} of {by(self.picture.size)}" if self.picture else "not a picture"
        return f"{self.file.status} {kind}, {len(self.body)} bytes, {inside}"


def make(session: Session, *inputs: Mapping[str, Any]) -> Iterator[FetchedOutput]:
    """Make a prediction of each of *inputs* and yield it once it has succeeded and its file is fetched.

    :raises InconclusiveError: there is no file to check; other claims cover that.
    :raises BrokenError: the file cannot be fetched, or is not a picture.
    """
    # All are created before the check waits for the first one, since the clock may be real.
    creates = [session.create(**values) for values in inputs]
    for create in creates:
        prediction_id = page.created(create.document).prediction_id
        if create.status != 200 or not prediction_id:
            raise InconclusiveError(f"a valid create was answered {create.status}, so there is no file to check")
        read = session.finish(prediction_id)
        urls = addresses(read)
        output = FetchedOutput(create, read, urls, session.fetch(urls[0]))
        session.promise(
            output.file.status == 200 and output.picture,
            "200 and a picture, since the prediction succeeded and named this URL",
            *output.trail,
            got=str(output),
        )
        yield output


def addresses(read: Exchange) -> tuple[str, ...]:
    """Return the URLs of the files that *read* names.

    :raises InconclusiveError: there are none.
    """
    body = page.prediction(read.document)
    urls = (body.output,) if isinstance(body.output, str) else body.output
    if body.status is not Status.SUCCESS or not urls:
        raise InconclusiveError("a plain prediction made no output, so there is no file to check")
    return urls


def by(size: tuple[int, int]) -> str:
    """Return a size as text, such as 640x480."""
    return f"{size[0]}x{size[1]}"


def options(session: Session, parameter: str) -> list[str]:
    """Return the options of a parameter of the model."""
    return [str(option) for option in session.model.parameters[parameter].get("enum", ())]
