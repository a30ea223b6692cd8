"""Downloads an output to a temporary file, checks it, and moves it to its place when it is complete."""

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import requests

from .errors import (
    DeadlineExceeded,
    DownloadError,
    DownloadIncompleteError,
    EachlabsError,
    NotFoundError,
    RefusedError,
    TransportError,
)
from .transport import Transport
from .types import Prediction
from .waiting import Deadline, persist

_CHUNK = 65_536  # bytes
_SIGNATURES = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (8, b"WEBP"),
}


def output_url(output: Prediction | str) -> str:
    """Return the URL of the only output. Raises `DownloadError` if there are none or several."""
    outputs = (output,) if isinstance(output, str) else output.output
    if len(outputs) != 1:
        subject = f"prediction {output.id} ({output.status})" if isinstance(output, Prediction) else "it"
        raise DownloadError(f"{subject} has {len(outputs)} outputs instead of one; pass the URL of one output")
    if not outputs[0].startswith(("http://", "https://")):
        raise DownloadError("the output is not an http or https URL", details=outputs[0][:200])
    return outputs[0]


def save(transport: Transport, url: str, path: Path, deadline: Deadline) -> Path:
    """Download *url* to *path*, replacing an existing file atomically; return *path*.

    Raises `DownloadError`, or `DeadlineExceeded`.
    """
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".eachlabs-") as folder:
            part = Path(folder) / "part"
            persist(lambda: _fetch(transport, url, part, deadline), _tries, deadline)
            part.replace(path)
    except DeadlineExceeded as error:
        error.definite = False  # it concerns the download, not the prediction
        raise
    except (TransportError, RefusedError) as error:
        raise _not_fetched(url, error) from error
    except OSError as error:
        raise DownloadError(f"cannot write {path}", details=error.strerror or str(error)) from error
    return path


def _tries(error: EachlabsError) -> int:
    """Return the attempts for *error*; a 404 is retried, because a store may publish the file with a delay."""
    return DownloadIncompleteError.tries if isinstance(error, NotFoundError) else error.tries


def _fetch(transport: Transport, url: str, part: Path, deadline: Deadline) -> None:
    with transport.stream(url, deadline.left) as response:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not media_type.startswith("image/"):
            raise DownloadError(f"the output is {media_type or 'of unknown type'} instead of an image")
        size = _write(response, part)
        _check_length(response, size)
    _check_signature(media_type, part)


def _write(response: requests.Response, part: Path) -> int:
    with part.open("wb") as file:
        return sum(file.write(chunk) for chunk in response.iter_content(_CHUNK))


def _check_length(response: requests.Response, size: int) -> None:
    announced = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    if announced.isdecimal() and int(announced) != size and not encoded:
        raise DownloadIncompleteError(f"the output ended after {size} of {announced} bytes")
    if size == 0:
        raise DownloadIncompleteError("the output is empty")


def _check_signature(media_type: str, part: Path) -> None:
    """Compare the first bytes with the media type, so that a broken image is reported here."""
    offset, signature = _SIGNATURES.get(media_type, (0, b""))
    with part.open("rb") as file:
        head = file.read(offset + len(signature))
    if head[offset:] != signature:
        raise DownloadError(f"the output is declared as {media_type}, but its content is not")


def _not_fetched(url: str, error: EachlabsError) -> DownloadError:
    split = urlsplit(url)
    return DownloadError(
        f"cannot fetch {split.scheme}://{split.netloc}{split.path}: {error.message}",  # a query may hold a signature
        details=error.details,
        status=error.status,
        retry_after=error.retry_after,
        request_id=error.request_id,
    )
