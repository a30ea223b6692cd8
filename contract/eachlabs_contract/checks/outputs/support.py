"""Makes predictions and fetches what they end in: what every check of an output file begins with."""

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
    """A prediction that ended well, from the request to the file.

    :param urls: the addresses of its files, one or more.
    :param file: the first of them, fetched without a key.
    """

    create: Exchange
    read: Exchange
    urls: tuple[str, ...]
    file: Exchange

    @property
    def trail(self) -> tuple[Event, ...]:
        """What led here, the file last."""
        return self.create, self.read, self.file

    @property
    def body(self) -> bytes:
        """The bytes of the file."""
        return self.file.answer.body if self.file.answer else b""

    @cached_property
    def picture(self) -> "Image.Image | None":
        """The file, decoded; None where it is no picture."""
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # a list of claims decodes nothing

        try:
            picture = Image.open(BytesIO(self.body))
            picture.load()
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            return None
        return picture

    @property
    def shows(self) -> tuple[tuple[int, int], bytes]:
        """What is to be seen: the size and every pixel, whatever else the file says."""
        picture = self.picture
        return (picture.size, picture.convert("RGB").tobytes()) if picture else ((0, 0), self.body)

    def __str__(self) -> str:
        kind = (self.file.answer and self.file.answer.header("Content-Type")) or "of no type"
        inside = f"{self.picture.format} of {by(self.picture.size)}" if self.picture else "which is no picture"
        return f"{self.file.status} {kind}, {len(self.body)} bytes, {inside}"


def make(session: Session, *inputs: Mapping[str, Any]) -> Iterator[FetchedOutput]:
    """Make a prediction of each of *inputs* and yield it once it has ended well and its file is fetched.

    :raises InconclusiveError: there is no file to look at, which other claims are about.
    :raises BrokenError: the file is not there, or is no picture.
    """
    # All are asked for before the first one is waited for, since a server's clock may be a real one.
    creates = [session.create(**each) for each in inputs]
    for create in creates:
        prediction_id = page.created(create.document).prediction_id
        if create.status != 200 or not prediction_id:
            raise InconclusiveError(f"a good create was answered {create.status}, so there is no file to look at")
        read = session.finish(prediction_id)
        urls = addresses(read)
        made = FetchedOutput(create, read, urls, session.fetch(urls[0]))
        session.promise(
            made.file.status == 200 and made.picture,
            "200 and a picture, since the prediction ended well and named this address",
            *made.trail,
            got=str(made),
        )
        yield made


def addresses(read: Exchange) -> tuple[str, ...]:
    """Return the addresses of the files that *read* names.

    :raises InconclusiveError: there are none.
    """
    seen = page.prediction(read.document)
    urls = (seen.output,) if isinstance(seen.output, str) else seen.output
    if seen.status is not Status.SUCCESS or not urls:
        raise InconclusiveError("a plain prediction did not end in an output, so there is no file to look at")
    return urls


def by(size: tuple[int, int]) -> str:
    """Return a size in words."""
    return f"{size[0]}x{size[1]}"


def options(session: Session, parameter: str) -> list[str]:
    """Return the options of a parameter of the model."""
    return [str(each) for each in session.model.parameters[parameter].get("enum", ())]
