"""Outputs are fetched whole or not at all."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from eachlabs_client import Client, DeadlineExceeded, DownloadError, DownloadIncompleteError, Prediction, Status
from helpers.client_fakes import ID, OUTPUT, PNG, FakeApi, Reply

IMAGE = {"Content-Type": "image/png"}
JPEG = b"\xff\xd8\xff\xe0" + bytes(50)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(50)


def prediction(*output: str) -> Prediction:
    return Prediction(ID, Status.SUCCESS, output)


def length(size: int) -> dict[str, str]:
    return {**IMAGE, "Content-Length": str(size)}


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """Where to save; nothing else may be left beside it."""
    yield tmp_path / "image.png"
    assert {path.name for path in tmp_path.iterdir()} <= {"image.png"}


@pytest.mark.parametrize("output", [OUTPUT, prediction(OUTPUT)])
def test_output_is_saved_and_its_path_returned(output: Any, client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(200, PNG, length(len(PNG)))]

    saved = client.download(output, str(out))

    assert (saved, out.read_bytes(), api.lines) == (out, PNG, [f"GET {OUTPUT}"])


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (WEBP, "IMAGE/WEBP; q=1"),
        (b"GIF89a", "image/gif"),
    ],
)
def test_images_are_taken(body: bytes, media_type: str, client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(200, body, {"Content-Type": media_type})]

    assert client.download(OUTPUT, out).read_bytes() == body


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/html"}, {"Content-Type": "application/json"}])
def test_anything_but_an_image_is_refused_at_once(
    headers: dict[str, str], client: Client, api: FakeApi, out: Path
) -> None:
    api.script = [Reply(200, PNG, headers)]

    with pytest.raises(DownloadError, match="instead of an image"):
        client.download(OUTPUT, out)

    assert len(api.sent) == 1
    assert not out.exists()


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp"])
@pytest.mark.parametrize("body", [b"<html>sorry</html>", b"x"])
def test_bytes_that_are_not_what_they_say_are_refused(
    body: bytes, media_type: str, client: Client, api: FakeApi, out: Path
) -> None:
    api.script = [Reply(200, body, {"Content-Type": media_type})]

    with pytest.raises(DownloadError, match=f"the output is declared as {media_type}, but its content is not"):
        client.download(OUTPUT, out)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Reply(200, PNG[:-1], length(len(PNG))), id="cut"),
        pytest.param(Reply(200, b"", IMAGE), id="empty"),
        pytest.param(Reply(200, b"", length(0)), id="length-0"),
        pytest.param(Reply(404, b"", {}), id="404"),
        pytest.param(Reply(429, b"", {}), id="429"),
        pytest.param(Reply(500, b"", {}), id="500"),
        pytest.param(Reply(206, PNG, IMAGE), id="206"),
        pytest.param(requests.ConnectionError("reset"), id="reset"),
        pytest.param(requests.ReadTimeout("slow"), id="timeout"),
    ],
)
def test_passing_trouble_is_passed_by(trouble: Any, client: Client, api: FakeApi, out: Path) -> None:
    api.script = [trouble, Reply(200, PNG, IMAGE)]

    assert client.download(OUTPUT, out).read_bytes() == PNG
    assert api.gaps == [1.0]


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [
        (Reply(200, PNG[:-1], length(len(PNG))), 4),
        (Reply(200, b"", IMAGE), 4),
        (Reply(404, b"", {}), 4),
        (Reply(500, b"", {}), 4),
        (Reply(429, b"", {}), 10),
        (Reply(403, b"", {}), 1),
        (Reply(410, b"", {}), 1),
        (requests.ConnectionError("reset"), 4),
        (requests.exceptions.InvalidURL("no"), 1),
    ],
)
def test_lasting_trouble_is_a_download_error_within_a_bound(
    trouble: Any, tries: int, client: Client, api: FakeApi, out: Path
) -> None:
    api.script = [trouble]

    with pytest.raises(DownloadError) as caught:
        client.download(OUTPUT, out)

    assert len(api.sent) == tries
    assert not caught.value.definite


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_length_of_an_encoded_body_is_not_that_of_the_file(encoding: str) -> None:
    from eachlabs_client.download import _check_length  # noqa: PLC0415  # an inner rule that no fake stream can show

    response = requests.Response()
    response.headers.update({"Content-Length": "10", "Content-Encoding": encoding})

    if encoding == "identity":
        with pytest.raises(DownloadIncompleteError, match="ended after 20 of 10 bytes"):
            _check_length(response, 20)
    else:
        _check_length(response, 20)


def test_file_is_asked_for_without_encoding(client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(200, PNG, IMAGE)]

    client.download(OUTPUT, out)

    assert api.sent[0].request.headers["Accept-Encoding"] == "identity"


def test_redirect_to_the_file_is_followed(client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(302, b"", {"Location": "https://store.test/a.png"}), Reply(200, PNG, IMAGE)]

    client.download(OUTPUT, out)

    assert api.lines == [f"GET {OUTPUT}", "GET https://store.test/a.png"]


def test_refusal_keeps_status_and_leaves_out_the_urls_secrets(client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(403, {"error": "expired"}, {"X-Request-Id": "r-1"})]

    with pytest.raises(DownloadError) as caught:
        client.download(f"{OUTPUT}?signature=secret", out)

    assert (caught.value.status, caught.value.request_id) == (403, "r-1")
    assert caught.value.message == f"cannot fetch {OUTPUT}: expired"


def test_retry_after_beyond_the_deadline_ends_a_download(client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(429, b"", {"Retry-After": "60"})]

    with pytest.raises(DeadlineExceeded, match="asks to wait 60 s") as caught:
        client.download(OUTPUT, out, deadline_seconds=30)

    assert not caught.value.definite


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        (Prediction(ID, Status.PROCESSING), "has 0 outputs"),
        (prediction(), "has 0 outputs"),
        (prediction(OUTPUT, OUTPUT), "has 2 outputs"),
        (prediction('{"url": "a"}'), "not an http or https URL"),
        ("file:///etc/passwd", "not an http or https URL"),
        ("", "not an http or https URL"),
    ],
)
def test_output_that_is_no_url_is_refused(output: Any, complaint: str, client: Client, api: FakeApi, out: Path) -> None:
    with pytest.raises(DownloadError, match=complaint):
        client.download(output, out)

    assert api.sent == []


def test_existing_file_is_replaced_by_a_whole_one(client: Client, api: FakeApi, out: Path) -> None:
    out.write_bytes(b"old")
    api.script = [Reply(200, PNG, IMAGE)]

    with out.open("rb") as reader:
        client.download(OUTPUT, out)

        assert (out.read_bytes(), reader.read()) == (PNG, b"old")


@pytest.mark.parametrize("trouble", [Reply(200, b"", IMAGE), Reply(200, b"x", IMAGE), KeyboardInterrupt])
def test_existing_file_survives_a_download_that_fails(trouble: Any, client: Client, api: FakeApi, out: Path) -> None:
    out.write_bytes(b"old")
    api.script = [trouble]

    with pytest.raises((DownloadError, KeyboardInterrupt)):
        client.download(OUTPUT, out)

    assert out.read_bytes() == b"old"


def test_saved_file_has_the_usual_permissions(client: Client, api: FakeApi, out: Path) -> None:
    api.script = [Reply(200, PNG, IMAGE)]
    mask = os.umask(0o027)
    try:
        client.download(OUTPUT, out)
    finally:
        os.umask(mask)

    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_missing_directory_is_a_clear_error(client: Client, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"cannot write .*nowhere.*: No such file or directory"):
        client.download(OUTPUT, tmp_path / "nowhere" / "image.png")


def test_directory_in_the_place_of_the_file_is_a_clear_error(client: Client, api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "image.png").mkdir()
    api.script = [Reply(200, PNG, IMAGE)]

    with pytest.raises(DownloadError, match="cannot write"):
        client.download(OUTPUT, tmp_path / "image.png")
