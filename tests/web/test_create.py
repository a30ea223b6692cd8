"""What a create answers, and which bodies pass for one."""

import io
import uuid

import orjson
import pytest

from helpers.harness import PROMPT, Api, MakeApi
from helpers.refusal import page_error

MIB = 1024 * 1024
GOOD = {"model": "qwen-image", "input": {"prompt": PROMPT}, "webhook_url": ""}


def with_input(text: str) -> bytes:
    """Return a create whose input has, beside the prompt, the member *text* of JSON as it stands."""
    return b'{"model":"qwen-image","input":{"prompt":"p",' + text.encode() + b"}}"


def padded(size: int) -> bytes:
    """Return a good create of exactly *size* bytes."""
    bare = orjson.dumps({"model": "qwen-image", "input": {"prompt": ""}})
    return orjson.dumps({"model": "qwen-image", "input": {"prompt": "x" * (size - len(bare))}})


def nested(containers: int, *, leaf: str = "0") -> bytes:
    """Return a create that nests *containers* deep, itself and its input included."""
    return with_input(f'"deep":{"[" * (containers - 2)}{leaf}{"]" * (containers - 2)}')


LAWFUL = [
    {"model": "qwen-image", "input": {"prompt": PROMPT}},
    {**GOOD, "webhook_url": ""},
    {**GOOD, "webhook_url": None},
    {**GOOD, "version": "0.0.1"},
    {**GOOD, "version": 17},
    {**GOOD, "version": None},
    {**GOOD, "version": {"any": ["thing"]}},
    {**GOOD, "webhook_secret": "s"},
    {**GOOD, "webhook_secret": 5},
    {**GOOD, "extra": True, "another": {"a": 1}},
    {**GOOD, "input": {"prompt": PROMPT, "not_a_field": 1}},
]

MISTYPED: list[tuple[object, str]] = [
    ({"input": {"prompt": PROMPT}}, "model"),
    ({**GOOD, "model": None}, "model"),
    ({**GOOD, "model": ""}, "model"),
    ({**GOOD, "model": 5}, "model"),
    ({**GOOD, "model": ["qwen-image"]}, "model"),
    ({**GOOD, "model": {}}, "model"),
    ({**GOOD, "model": True}, "model"),
    ({"model": "qwen-image"}, "input"),
    ({**GOOD, "input": None}, "input"),
    ({**GOOD, "input": "a red bicycle"}, "input"),
    ({**GOOD, "input": [PROMPT]}, "input"),
    ({**GOOD, "input": 5}, "input"),
    ({**GOOD, "input": False}, "input"),
    ({**GOOD, "webhook_url": 5}, "webhook_url"),
    ({**GOOD, "webhook_url": False}, "webhook_url"),
    ({**GOOD, "webhook_url": ["http://127.0.0.1/"]}, "webhook_url"),
    ({**GOOD, "webhook_url": {}}, "webhook_url"),
    ([], "object"),
    ("text", "object"),
    (5, "object"),
    (None, "object"),
    (True, "object"),
]

GOOD_URLS = [
    "http://127.0.0.1/hook",
    "https://example.com",
    "HTTPS://Example.com/Hook?token=1&x=%20#part",
    "http://[::1]:9000/hook",
    "http://user:password@localhost:65535/",
    "http://localhost:1",
]

BAD_URLS = [
    "hook",
    "/hook",
    "//example.com/hook",
    "example.com/hook",
    "localhost:9000",
    "ftp://example.com/hook",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http:///hook",
    "http:/example.com",
    "http://exa mple.com/",
    "http://example.com/a hook",
    " http://example.com/",
    "http://example.com/ ",
    "http://example.com:port/",
    "http://example.com:65536/",
    "http://example.com:0/",
    "http://example.com:-1/",
    "http://[::1/hook",
    "http://example.com/\n",
    "http://example.com/\u0000",
]

MALFORMED = [
    b"",
    b" ",
    b"{",
    b'{"model":"qwen-image","input":{"prompt":"p"}',
    b'{"model":"qwen-image","input":{"prompt":"p"}}}',
    b'{"model":"qwen-image","input":{"prompt":"p",}}',
    b"{'model':'qwen-image','input':{'prompt':'p'}}",
    b"model=qwen-image",
    b'\xef\xbb\xbf{"model":"qwen-image","input":{"prompt":"p"}}',
    b'{"model":"qwen-image","input":{"prompt":"\xff"}}',
    b'{"model":"qwen-image","input":{"prompt":"\xc3"}}',
    b'{"model":"qwen-image","input":{"prompt":"\xed\xa0\x80"}}',
    '{"model":"qwen-image","input":{"prompt":"p"}}'.encode("utf-16"),
    with_input('"x":NaN'),
    with_input('"x":Infinity'),
    with_input('"x":-Infinity'),
    with_input('"guidance":NaN'),
    with_input('"x":1e400'),
    with_input('"x":-1e400'),
    with_input('"x":01'),
    with_input('"x":+1'),
    with_input('"x":.5'),
    with_input('"x":0x1'),
    with_input('"x":True'),
    with_input(r'"x":"\ud800"'),
    with_input(r'"x":"\udc00"'),
    with_input(r'"x":"\udc00\ud800"'),
    with_input(r'"\ud800":1'),
    with_input('"x":"a\nb"'),
    with_input(r'"x":"\x41"'),
    with_input('"x":18446744073709551616'),
    with_input('"x":-9223372036854775809'),
    with_input('"seed":18446744073709551616'),
    with_input('"seed":-9223372036854775809'),
    with_input(f'"x":{"9" * 5000}'),
    with_input(f'"x":-{"9" * 5000}'),
    with_input('"x":[{"y":18446744073709551616}]'),
    nested(65),
    nested(65, leaf=""),
    nested(66),
    nested(5000),
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
]

LEGAL = [
    b' \r\n\t{"model":"qwen-image","input":{"prompt":"p"}}\n',
    with_input('"x":18446744073709551615'),
    with_input('"x":-9223372036854775808'),
    with_input('"seed":18446744073709551615'),
    with_input('"seed":-9223372036854775808'),
    with_input('"x":1e308'),
    with_input('"x":1e-400'),
    with_input('"x":-0'),
    with_input('"x":0.1234567890123456789012345678901234567890'),
    with_input('"x":"12345678901234567890123456789012345678901234567890"'),
    with_input('"12345678901234567890123":1'),
    with_input(r'"x":"\ud83d\ude00"'),
    with_input('"x":"😀 مرحبا 你好"'),
    with_input(r'"x":"\u0000"'),
    with_input('"x":null'),
    with_input('"x":""'),
    with_input('"":1'),
    nested(64),
    nested(64, leaf=""),
    with_input(f'"x":[{",".join(["[]"] * 500)}]'),
]

DUPLICATES = [
    (b'{"model":"nonsense","model":"qwen-image","input":{"prompt":"p"}}', 200),
    (b'{"model":"qwen-image","model":"nonsense","input":{"prompt":"p"}}', 404),
    (b'{"model":"qwen-image","input":5,"input":{"prompt":"p"}}', 200),
    (b'{"model":"qwen-image","input":{"prompt":"p"},"input":5}', 400),
    (b'{"model":"qwen-image","input":{"prompt":"p","guidance":11,"guidance":10}}', 200),
    (b'{"model":"qwen-image","input":{"prompt":"p","guidance":10,"guidance":11}}', 400),
]


@pytest.fixture
def free(make_api: MakeApi) -> Api:
    """An emulator without limits."""
    return make_api(rate_limit=None, max_in_flight=None)


def created_in(api: Api) -> int:
    """Return how many predictions there are."""
    return len(api.app.emulator.store.of_world(api.world().name))


def test_create_answers_exactly_three_fields(api: Api) -> None:
    answer = api.create()

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    prediction_id = answer.json["predictionID"]
    assert answer.json == {
        "status": "success",
        "message": "Prediction created successfully",
        "predictionID": prediction_id,
    }
    assert str(uuid.UUID(prediction_id)) == prediction_id


def test_every_create_makes_a_prediction_of_its_own(api: Api) -> None:
    assert len({api.created() for _ in range(10)}) == 10


def test_lawful_variant_is_accepted(free: Api, subtests: pytest.Subtests) -> None:
    for body in LAWFUL:
        with subtests.test(body=body):
            assert free.post(body).status_code == 200


def test_missing_or_mistyped_field_is_400_and_named(free: Api, subtests: pytest.Subtests) -> None:
    for body, named in MISTYPED:
        with subtests.test(body=body):
            assert named in page_error(free.post(body), 400)


def test_all_missing_fields_are_named_at_once(api: Api) -> None:
    text = page_error(api.post({"webhook_url": "ftp://x"}), 400)

    assert all(name in text for name in ("model", "input", "webhook_url"))


def test_absolute_http_webhook_url_is_accepted(free: Api, subtests: pytest.Subtests) -> None:
    for url in GOOD_URLS:
        with subtests.test(url=url):
            assert free.create(webhook_url=url).status_code == 200


def test_other_webhook_url_is_400_and_creates_nothing(free: Api, subtests: pytest.Subtests) -> None:
    for url in BAD_URLS:
        with subtests.test(url=url):
            assert "webhook_url" in page_error(free.create(webhook_url=url), 400)

    assert created_in(free) == 0


@pytest.mark.parametrize("slug", ["no-such-model", "QWEN-IMAGE", "qwen_image", " qwen-image", "x" * 5000])
def test_unknown_model_is_404(api: Api, slug: str) -> None:
    assert "x" * 201 not in page_error(api.create(model=slug), 404)


@pytest.mark.parametrize("slug", ["qwen-imag", "qwen_image", "QWEN-IMAGE"])
def test_the_refusal_of_a_misspelt_model_suggests_the_closest_one(api: Api, slug: str) -> None:
    assert "; did you mean qwen-image?" in page_error(api.create(model=slug), 404)


def test_malformed_json_is_400_and_creates_nothing(free: Api, subtests: pytest.Subtests) -> None:
    for raw in MALFORMED:
        with subtests.test(raw=raw[:100]):
            answer = free.post(raw)

            page_error(answer, 400)
            assert answer.json["message"] == "Malformed JSON"

    assert created_in(free) == 0


def test_legal_neighbour_of_malformed_json_is_accepted(free: Api, subtests: pytest.Subtests) -> None:
    for raw in LEGAL:
        with subtests.test(raw=raw[:100]):
            assert free.post(raw).status_code == 200


def test_last_of_two_equal_keys_wins(free: Api, subtests: pytest.Subtests) -> None:
    for raw, status in DUPLICATES:
        with subtests.test(raw=raw):
            assert free.post(raw).status_code == status


def test_body_of_one_mebibyte_passes(api: Api) -> None:
    assert api.post(padded(MIB)).status_code == 200


def test_body_of_one_byte_more_is_413_and_creates_nothing(api: Api) -> None:
    page_error(api.post(padded(MIB + 1)), 413)
    assert created_in(api) == 0


@pytest.mark.parametrize(("size", "status"), [(100, 200), (MIB, 200), (MIB + 1, 413), (3 * MIB, 413)])
def test_same_bound_holds_without_a_content_length(api: Api, size: int, status: int) -> None:
    answer = api.call(
        "POST",
        "/v1/prediction/",
        input_stream=io.BytesIO(padded(size)),
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )

    assert answer.status_code == status


def test_declared_length_over_the_bound_is_refused_unread(api: Api) -> None:
    class Unreadable(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            pytest.fail("the body was read")

    answer = api.call(
        "POST",
        "/v1/prediction/",
        environ_overrides={"CONTENT_LENGTH": str(MIB + 1), "wsgi.input": Unreadable()},
    )

    page_error(answer, 413)


@pytest.mark.parametrize(
    "declared",
    ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", None],
)
def test_json_content_type_or_none_at_all_passes(api: Api, declared: str | None) -> None:
    assert api.post(GOOD, content_type=declared).status_code == 200


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/problem+json",
        "json",
        "application/xml",
        "text/json",
        "x" * 5000,
    ],
)
def test_other_content_type_is_400_and_told_what_would_be_right(api: Api, declared: str) -> None:
    answer = api.post(GOOD, content_type=declared)

    assert "application/json" in page_error(answer, 400)
    assert "x" * 201 not in answer.text


@pytest.mark.parametrize(
    ("asked", "prompt", "status"),
    [
        ("fail", PROMPT, "error"),
        ("stuck", PROMPT, "processing"),
        ("", "[mock:fail]", "error"),
        ("", "a bicycle [mock:fail] in red", "error"),
        ("", "[mock:stuck] a bicycle", "processing"),
        ("", "mock:fail", "success"),
        ("", "[mock fail]", "success"),
        ("", "[mock:fail", "success"),
        ("stuck", "[mock:fail]", "processing"),
    ],
)
def test_scenario_of_header_or_prompt_decides_the_end(api: Api, asked: str, prompt: str, status: str) -> None:
    made = api.created(prompt=prompt, headers={"X-Mock-Fault": asked})

    api.advance(100)

    assert api.read(made).json["status"] == status


@pytest.mark.parametrize(("asked", "prompt"), [("zzz", PROMPT), ("", "[mock:zzz]")])
def test_unknown_scenario_is_400_and_lists_those_there_are(api: Api, asked: str, prompt: str) -> None:
    text = page_error(api.create(prompt=prompt, headers={"X-Mock-Fault": asked}), 400)

    assert all(name in text for name in ("zzz", "fail", "stuck"))


@pytest.mark.parametrize("prompt", ["[mock:fail]", "[mock:zzz]"])
def test_prompt_is_only_a_prompt_without_prompt_faults(make_api: MakeApi, prompt: str) -> None:
    api = make_api(prompt_faults=False)
    made = api.created(prompt=prompt)

    api.advance(2.5)

    assert api.read(made).json["status"] == "success"


def test_header_scenario_works_without_prompt_faults(make_api: MakeApi) -> None:
    api = make_api(prompt_faults=False)
    made = api.created(headers={"X-Mock-Fault": "fail"})

    api.advance(2.5)

    assert api.read(made).json["status"] == "error"
