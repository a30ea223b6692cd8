"""All targets by name, and the bytes with which each begins."""

import json
from collections.abc import Iterator

from fuzz.emulators import EMULATORS
from fuzz.readers import FIXTURES, READERS, Target

TARGETS: dict[str, Target] = {**READERS, **EMULATORS}

CREATE = {"model": "qwen-image", "input": {"prompt": "a kite", "seed": 3}, "webhook_url": "http://127.0.0.1:9/hook?a=1"}

EVENT = {"exec_id": "x", "status": "succeeded", "output": "http://127.0.0.1/x.webp", "error": "", "flow_id": ""}

ANSWERS = (
    {"status": "success", "message": "Prediction created successfully", "predictionID": "x"},
    {"status": "success", "predictionID": "x", "output": ["http://127.0.0.1/x.webp"], "metrics": {"predict_time": 2.5}},
    {"status": "error", "message": "m", "details": "d", "output": {"error_code": "c", "error_message": "m"}},
)

ADDRESSES = (
    "http://127.0.0.1:9/hook?a=1#b",
    "https://user:password@localhost./",
    "http://[::ffff:127.0.0.1]:8080/\u00e9",
    "http://[fe80::1%25eth0]/",
    "http://0x7f.1/",
    "http:\\\\127.0.0.1\\@x/",
)

WORDS = (
    b'http_error; status=502; body=html; rate=0.5; nth=2; id="a-b"',
    b'fail; message="a \\"text\\""; details=x]',
    b"slow; factor=2.5; after=1; until=9; model=qwen-image",
    b'wrong_content_type; content_type="text/html"; route=output',
)


def seeds(name: str) -> Iterator[bytes]:
    """Yield what the target called *name* begins with; where decisions are made of bytes, a few will do."""
    match name:
        case "submission":
            yield json.dumps(CREATE).encode()
        case "address":
            yield from (each.encode() for each in ADDRESSES)
        case "words" | "prompt":
            yield from WORDS
        case "scenario":
            yield from (each.read_bytes() for each in sorted((FIXTURES / "scenarios").glob("*.toml")))
        case "page":
            yield from (each.read_bytes() for each in sorted((FIXTURES / "pages").iterdir()))
            yield (FIXTURES / "models" / "qwen-image.json").read_bytes()
        case "webhook":
            yield from (json.dumps(each).encode() for each in (EVENT, {**EVENT, "status": "failed", "error": "no"}))
        case "bodies":
            yield from (json.dumps(each).encode() for each in ANSWERS)
        case _:
            yield from (bytes([number]) * 200 for number in range(0, 256, 17))
