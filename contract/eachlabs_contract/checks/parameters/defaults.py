"""The check of defaults: to leave a parameter out means its documented default."""

from typing import Any

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level, Model, page
from eachlabs_contract.verdict import InconclusiveError


def documented(model: Model) -> dict[str, Any]:
    """Return the defaults of a model, by parameter."""
    return {name: each["default"] for name, each in model.parameters.items() if "default" in each}


@check(
    "parameters.defaults-mean-themselves",
    "To leave a parameter out and to give its documented default is the same: one seed gives one file.",
    source='page, "Input Parameters": Default, and Seed',
    level=Level.SHOULD,
    executions=15,
    parameters=("seed",),
    applies=lambda model: bool(documented(model)),
)
def defaults_mean_themselves(session: Session) -> None:
    """Makes a picture with every default left out and one with every default given, and compares the files.

    Where they differ, gives one default after another to find out which; and makes the first again, since a server
    whose files differ by themselves shows nothing about defaults.
    """
    every = documented(session.model)
    without, _ = _picture(session)
    together, create = _picture(session, **every)
    if together != without:
        _blame(session, without, every)
    session.promise(
        together == without, _same("every parameter", "the documented defaults"), create, got="another file"
    )


def _blame(session: Session, without: bytes, defaults: dict[str, Any]) -> None:
    """Break the promise for the first default that alone makes another file than *without*."""
    if _picture(session)[0] != without:
        raise InconclusiveError("the same input and seed give different files, which another claim is about")
    for name, value in defaults.items():
        alone, create = _picture(session, **{name: value})
        session.promise(alone == without, _same(name, f"the documented default {value}"), create, got="another file")


def _same(what: str, default: str) -> str:
    return f"the same file, byte for byte, whether {what} is left out or has {default}"


def _picture(session: Session, **given: Any) -> tuple[bytes, Exchange]:  # noqa: ANN401  # JSON
    """Return the file that an input makes, the first if there are several, and the create that asked for it."""
    create = session.create(**{"seed": 7, **given})
    prediction_id = page.created(create.document).prediction_id
    if create.status != 200 or not prediction_id:
        raise InconclusiveError("documented input is refused, which another claim is about")
    output = page.prediction(session.finish(prediction_id).document).output
    first = output[0] if isinstance(output, tuple) else output
    fetched = session.fetch(first) if first else None
    if fetched is None or fetched.answer is None or fetched.status != 200:
        raise InconclusiveError("there is no file to be had, which another claim is about")
    return fetched.answer.body, create
