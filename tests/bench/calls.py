"""The two calls of the benchmark: with all nine parameters of the page, or as another server has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

KEY = "key-of-the-benchmark"
HEADERS = {"X-API-Key": KEY, "Content-Type": "application/json"}
CREATE_PATH = "/v1/prediction/"
INPUT = {
    "prompt": "a tram in the rain at night, reflections on wet cobbles",
    "seed": 4711,
    "go_fast": True,
    "guidance": 4,
    "aspect_ratio": "16:9",
    "output_format": "webp",
    "output_quality": 80,
    "num_inference_steps": 50,
    "disable_safety_checker": False,
}
CREATE_BODY = json.dumps({"model": "qwen-image", "input": INPUT, "webhook_url": ""})


@dataclass(frozen=True, slots=True)
class Calls:
    """The two calls, as a server has them.

    :param read: path of a poll, in which ``{}`` stands for the id.
    :param id_field: where the answer to a create has the id; empty: nobody asks for it, as any will do.
    """

    create: str = CREATE_PATH
    read: str = CREATE_PATH + "{}"
    body: str = CREATE_BODY
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)
    id_field: str = ""
