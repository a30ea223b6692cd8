"""The check of defaults: leaving a parameter out is the same as giving its documented default."""

from typing import Any

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level, Model, page
from eachlabs_contract.verdict import InconclusiveError


def documented(model: Model) -> dict[str, Any]:
    """Return the documented defaults of a model, by parameter."""
    return {name: schema["default"] for name, schema in model.parameters.items() if "default" in schema}


@check(
    "parameters.defaults-mean-themselves",
    "With one seed, leaving a parameter out gives the same file as its documented default.",
    source='page, "Input Parameters": Default, and Seed',
    level=Level.SHOULD,
    executions=15,
    parameters=("seed",),
    applies=lambda model: bool(documented(model)),
)
def defaults_mean_themselves(session: Session) -> None:
    """Makes a picture with all defaults left out and one with all defaults given, and compares the files.

    If they differ, gives one default at a time to find the cause. It also makes the first picture again: a server whose
    files always differ shows nothing about defaults.
    """
    defaults = documented(session.model)
    without, _ = _picture(session)
    together, create = _picture(session, **defaults)
    if together != without:
        _blame(session, without, defaults)
    session.promise(
        together == without, _same("every parameter", "the documented defaults"), create, got="another file"
    )


def _blame(session: Session, without: bytes, defaults: dict[str, Any]) -> None:
    """Break the promise for the first default that alone makes a file other than *without*."""
    if _picture(session)[0] != without:
        raise InconclusiveError("the same input and seed give different files; another claim covers that")
    for name, value in defaults.items():
        alone, create = _picture(session, **{name: value})
        session.promise(alone == without, _same(name, f"the documented default {value}"), create, got="another file")


def _same(what: str, default: str) -> str:
    return f"the same file, byte for byte, with {what} left out or set to {default}"


def _picture(session: Session, **values: Any) -> tuple[bytes, Exchange]:  # noqa: ANN401  # JSON
    """Return the first file that an input makes, and the create that asked for it."""
    create = session.create(**{"seed": 7, **values})
    prediction_id = page.created(create.document).prediction_id
    if create.status != 200 or not prediction_id:
        raise InconclusiveError("a documented input was refused; another claim covers that")
    output = page.prediction(session.finish(prediction_id).document).output
    first = output[0] if isinstance(output, tuple) else output
    file = session.fetch(first) if first else None
    if file is None or file.answer is None or file.status != 200:
        raise InconclusiveError("the output file could not be fetched; another claim covers that")
    return file.answer.body, create
