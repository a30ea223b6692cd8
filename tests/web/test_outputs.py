"""Output images: where they are, when they are there, and how HTTP hands them out."""

import io

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from helpers.harness import UNKNOWN_ID, Api, MakeApi
from helpers.refusal import page_error


@pytest.fixture
def make_api() -> MakeApi:
    return Api  # Flask serves these routes, whichever road the hot ones take


QWEN_SIZES = {
    "1:1": (1536, 1536),
    "16:9": (1536, 864),
    "9:16": (864, 1536),
    "4:3": (1536, 1152),
    "3:4": (1152, 1536),
}
PRESETS = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}


def path_of(url: str) -> str:
    return url.removeprefix("http://localhost")


def finished(api: Api, **options: object) -> str:
    """Create a prediction, let it end, and return the path of its (first) output."""
    made = api.created(**options)
    api.advance(2.5)
    output = api.read(made).json["output"]
    return path_of(output if isinstance(output, str) else output[0])


def picture(answer: TestResponse) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.data))


# When it is there


def test_output_is_404_until_the_exact_instant_of_success(api: Api) -> None:
    made = api.created(output_format="jpg")

    api.advance(2.499)
    page_error(api.get(f"/outputs/{made}.jpg"), 404)
    api.advance(0.001)
    assert api.get(f"/outputs/{made}.jpg").status_code == 200


def test_output_of_a_failed_prediction_is_404(api: Api) -> None:
    made = api.created(headers={"X-Mock-Fault": "fail"})
    api.advance(10)

    page_error(api.get(f"/outputs/{made}.webp"), 404)


def test_output_of_a_stuck_prediction_is_404(api: Api) -> None:
    made = api.created(headers={"X-Mock-Fault": "stuck"})
    api.advance(10)

    page_error(api.get(f"/outputs/{made}.webp"), 404)


def test_unknown_output_is_404(api: Api) -> None:
    made = finished(api, output_format="jpg").removeprefix("/outputs/").removesuffix(".jpg")

    for name in (f"{UNKNOWN_ID}.jpg", f"{made}.png", made, f"{made}.jpg.jpg", f"{made}-1.jpg", "x", "..", "%2e%2e"):
        page_error(api.get(f"/outputs/{name}"), 404)


def test_output_needs_no_key(api: Api) -> None:
    path = finished(api, output_format="jpg")

    assert api.get(path, key=None).status_code == 200
    assert api.get(path, key="invalid").status_code == 200


def test_output_is_found_whatever_the_key(api: Api) -> None:
    assert api.get(finished(api, output_format="jpg"), key="somebody-else").status_code == 200


def test_output_expires_at_the_exact_instant(make_api: MakeApi) -> None:
    api = make_api(output_expiry=60)
    path = finished(api, output_format="jpg")

    api.advance(59.999)
    assert api.get(path).status_code == 200
    api.advance(0.001)
    page_error(api.get(path), 404)


def test_output_never_expires_by_default(api: Api) -> None:
    path = finished(api, output_format="jpg")
    api.advance(10**7)

    assert api.get(path).status_code == 200


def test_expired_output_leaves_the_read_as_it_was(make_api: MakeApi) -> None:
    api = make_api(output_expiry=60)
    made = api.created()
    api.advance(2.5)
    before = api.read(made).data
    api.advance(60)

    assert api.read(made).data == before


# What it is


@pytest.mark.parametrize(
    ("asked", "extension", "media_type", "form"),
    [
        ({}, "webp", "image/webp", "WEBP"),
        ({"output_format": "webp"}, "webp", "image/webp", "WEBP"),
        ({"output_format": "jpg"}, "jpg", "image/jpeg", "JPEG"),
        ({"output_format": "png"}, "png", "image/png", "PNG"),
    ],
)
def test_output_is_of_the_requested_format(
    api: Api, asked: dict[str, str], extension: str, media_type: str, form: str
) -> None:
    path = finished(api, **asked)

    answer = api.get(path)

    assert path.endswith(f".{extension}")
    assert answer.content_type == media_type
    assert picture(answer).format == form


@pytest.mark.parametrize(("ratio", "size"), QWEN_SIZES.items())
def test_output_of_qwen_image_has_the_size_of_its_ratio(make_api: MakeApi, ratio: str, size: tuple[int, int]) -> None:
    api = make_api()

    assert picture(api.get(finished(api, aspect_ratio=ratio, output_format="jpg"))).size == size


def test_output_is_16_to_9_by_default(api: Api) -> None:
    assert picture(api.get(finished(api, output_format="jpg"))).size == (1536, 864)


@pytest.mark.parametrize(("preset", "size"), PRESETS.items())
def test_output_has_the_size_of_its_preset(api: Api, preset: str, size: tuple[int, int]) -> None:
    path = finished(api, model="flux-2-flex", image_size=preset)

    answer = api.get(path)

    assert (picture(answer).size, answer.content_type) == (size, "image/jpeg")


@pytest.mark.parametrize("form", ["jpg", "webp"])
def test_size_in_bytes_falls_with_quality(api: Api, form: str) -> None:
    low, high = (
        len(api.get(finished(api, output_format=form, output_quality=quality, seed=1)).data) for quality in (5, 95)
    )

    assert low < high


def test_png_is_the_same_whatever_the_quality(api: Api) -> None:
    low, high = (
        picture(api.get(finished(api, output_format="png", output_quality=quality, seed=1))).size
        for quality in (0, 100)
    )

    assert low == high


def test_same_input_and_seed_give_the_same_bytes_in_any_world(api: Api) -> None:
    paths = [finished(api, output_format="jpg", seed=5)]
    other = api.created(output_format="jpg", seed=5, key="somebody-else")
    api.advance(2.5)

    assert api.get(paths[0]).data == api.get(f"/outputs/{other}.jpg").data


def test_another_seed_gives_other_bytes(api: Api) -> None:
    one, other = (api.get(finished(api, output_format="jpg", seed=seed)).data for seed in (5, 6))

    assert one != other


def test_drawn_seeds_differ(api: Api) -> None:
    one, other = (api.get(finished(api, output_format="jpg")).data for _ in range(2))

    assert one != other


# Lists


@pytest.mark.parametrize("model", ["z-image-turbo-lora", "flux-2-klein-9b-base-text-to-image"])
@pytest.mark.parametrize("number", [2, 4])
def test_several_images_are_a_list_of_urls(api: Api, model: str, number: int) -> None:
    made = api.created(model=model, num_images=number)
    api.advance(2.5)

    assert api.read(made).json["output"] == [f"http://localhost/outputs/{made}-{n}.png" for n in range(1, number + 1)]


@pytest.mark.parametrize("given", [{}, {"num_images": 1}])
def test_single_image_is_one_url(api: Api, given: dict[str, int]) -> None:
    made = api.created(model="z-image-turbo-lora", **given)
    api.advance(2.5)

    assert api.read(made).json["output"] == f"http://localhost/outputs/{made}.png"


def test_every_image_of_a_list_is_there_and_a_picture_of_its_own(api: Api) -> None:
    made = api.created(model="z-image-turbo-lora", num_images=3, image_size="square", output_format="jpeg")
    api.advance(2.5)

    answers = [api.get(path_of(url)) for url in api.read(made).json["output"]]

    assert {picture(answer).size for answer in answers} == {(512, 512)}
    assert len({answer.data for answer in answers}) == 3


@pytest.mark.parametrize("suffix", ["", "-0", "-3", "-01"])
def test_list_has_no_other_names(api: Api, suffix: str) -> None:
    made = api.created(model="z-image-turbo-lora", num_images=2)
    api.advance(2.5)

    page_error(api.get(f"/outputs/{made}{suffix}.png"), 404)


# Where it is


def output_of(api: Api, **options: object) -> str:
    """Return the output address of a prediction created with *options* of the request."""
    answer = api.post({"model": "qwen-image", "input": {"prompt": "p"}}, **options)
    api.advance(2.5)
    url: str = api.read(answer.json["predictionID"]).json["output"]
    return url.rpartition("/outputs/")[0]


@pytest.mark.parametrize("base", ["http://mock.test", "http://mock.test:8780", "https://mock.test", "http://[::1]:80"])
def test_base_is_scheme_and_host_of_the_create_request(api: Api, base: str) -> None:
    headers = {"Host": base.partition("//")[2]}

    assert output_of(api, base_url=base.replace("[::1]:80", "localhost"), headers=headers) == base


def test_base_is_kept_whoever_reads(api: Api) -> None:
    made = api.post({"model": "qwen-image", "input": {"prompt": "p"}}, headers={"Host": "one.test"}).json
    api.advance(2.5)

    answer = api.get(f"/v1/prediction/{made['predictionID']}", headers={"Host": "two.test"})

    assert answer.json["output"].startswith("http://one.test/outputs/")


@pytest.mark.parametrize(
    "host", ["evil.test/path", "evil.test?x", "evil.test#x", "user@evil.test", "a b", "<script>", '"', "x" * 256, ""]
)
def test_host_header_that_is_no_host_does_not_get_into_the_address(api: Api, host: str) -> None:
    assert output_of(api, environ_overrides={"HTTP_HOST": host}) == "http://localhost:80"


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Forwarded", "X-Host"])
def test_forwarding_headers_do_not_get_into_the_address(api: Api, name: str) -> None:
    assert output_of(api, headers={name: "evil.test"}) == "http://localhost"


def test_public_base_url_outdoes_the_request(make_api: MakeApi) -> None:
    api = make_api(public_base_url="https://cdn.test")

    assert output_of(api, headers={"Host": "one.test"}) == "https://cdn.test"


# How HTTP hands it out


@pytest.fixture
def image(api: Api) -> tuple[Api, str]:
    """An emulator and the path of an output it has."""
    return api, finished(api, output_format="jpg")


def test_length_is_declared(image: tuple[Api, str]) -> None:
    api, path = image

    answer = api.get(path)

    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_head_has_the_headers_and_no_body(image: tuple[Api, str]) -> None:
    api, path = image
    whole, head = api.get(path), api.call("HEAD", path)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == whole.headers[name]


def test_head_of_an_unknown_output_is_404_and_empty(api: Api) -> None:
    answer = api.call("HEAD", f"/outputs/{UNKNOWN_ID}.webp")

    assert (answer.status_code, answer.data) == (404, b"")


def test_second_download_is_the_same(image: tuple[Api, str]) -> None:
    api, path = image
    first, second = api.get(path), api.get(path)

    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]


def test_matching_etag_is_304_without_a_body(image: tuple[Api, str]) -> None:
    api, path = image
    etag = api.get(path).headers["ETag"]

    for sent in (etag, "*", f'"other", {etag}'):
        answer = api.get(path, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == etag


def test_other_etag_is_the_whole_image(image: tuple[Api, str]) -> None:
    api, path = image

    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_etags_of_different_images_differ(api: Api) -> None:
    one, other = (api.get(finished(api, output_format="jpg", seed=seed)).headers["ETag"] for seed in (1, 2))

    assert one != other


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=100-100", 100, 101), ("bytes=10-", 10, None), ("bytes=-5", -5, None)],
)
def test_range_is_206_with_just_those_bytes(image: tuple[Api, str], asked: str, start: int, stop: int | None) -> None:
    api, path = image
    whole = api.get(path).data

    answer = api.get(path, headers={"Range": asked})

    assert (answer.status_code, answer.data) == (206, whole[start:stop])
    first = start % len(whole)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(whole)}"
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_range_beyond_the_end_is_cut(image: tuple[Api, str]) -> None:
    api, path = image
    whole = api.get(path).data

    answer = api.get(path, headers={"Range": "bytes=5-99999999"})

    assert (answer.status_code, answer.data) == (206, whole[5:])


def test_range_that_starts_beyond_the_end_is_416_and_tells_the_length(image: tuple[Api, str]) -> None:
    api, path = image
    length = len(api.get(path).data)

    answer = api.get(path, headers={"Range": f"bytes={length}-"})

    assert str(length) in page_error(answer, 416)
    assert answer.headers["Content-Range"] == f"bytes */{length}"


def test_range_with_a_stale_if_range_is_the_whole_image(image: tuple[Api, str]) -> None:
    api, path = image

    assert api.get(path, headers={"Range": "bytes=0-9", "If-Range": '"stale"'}).status_code == 200


def test_range_with_a_fresh_if_range_is_206(image: tuple[Api, str]) -> None:
    api, path = image
    etag = api.get(path).headers["ETag"]

    assert api.get(path, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206


def test_ranges_are_offered(image: tuple[Api, str]) -> None:
    api, path = image

    assert api.get(path).headers["Accept-Ranges"] == "bytes"
