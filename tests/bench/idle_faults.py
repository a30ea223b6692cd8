"""What faults cost those whom none can strike, in CPU time of a poll: `PYTHONPATH=tests python -m bench.idle_faults`.

Each figure is the least of many short runs, taken in turn, so that another process on the machine disturbs all alike.
"""

import time
from collections.abc import Callable
from typing import Any

from werkzeug.test import EnvironBuilder

from eachlabs_mock.web.handlers import Handlers
from helpers.armed import arm, ended, rule
from helpers.harness import KEY, Api

POLLS = 2000
ROUNDS = 40


def poll_micros(app: Any, environ: dict[str, Any]) -> float:
    """Return the CPU microseconds of a poll, over so many of them."""
    started = time.process_time()
    for _ in range(POLLS):
        app(dict(environ), lambda *_: None)
    return (time.process_time() - started) / POLLS * 1e6


def main() -> None:
    """Measure and print."""
    api = Api(rate_limit=None, log_format="off")
    made = ended(api)
    environ = EnvironBuilder(path=f"/v1/prediction/{made}", headers={"X-API-Key": KEY}).get_environ()
    answer = Handlers.answer
    roads: dict[str, Callable[..., Any]] = {"with faults": answer, "without": Handlers._attempt}
    least = dict.fromkeys(roads, float("inf"))
    for _ in range(ROUNDS):
        for name, road in roads.items():
            Handlers.answer = road  # type: ignore[method-assign]  # as if there were no fault_injector
            least[name] = min(least[name], poll_micros(api.app.wsgi, environ))
    Handlers.answer = answer  # type: ignore[method-assign]
    print(*(f"nothing armed, {name}: {micros:.2f} us" for name, micros in least.items()), sep="\n")
    print(f"the difference: {100 * (least['with faults'] / least['without'] - 1):.1f} %")
    for where, given, key in (
        ("in another world", rule("fail"), "other"),
        ("for creates", rule("http_error", route="create"), KEY),
        ("for polls, at the rate 0", rule("http_error", rate=0), KEY),
    ):
        arm(api, given, key=key)
        print(f"armed {where}: {min(poll_micros(api.app.wsgi, environ) for _ in range(ROUNDS // 4)):.2f} us")


if __name__ == "__main__":
    main()
