"""The command `eachlabs-client`: generates an image from a prompt and saves it; each error is one line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import click

from .client import DEFAULT_DEADLINE, Client, succeeded
from .errors import ConfigurationError, DownloadError, EachlabsError, PredictionFailed, RefusedError
from .progress import Progress, printable
from .transport import VERSION
from .types import Prediction
from .waiting import LONGEST_DEADLINE, SHORTEST_DEADLINE, Clock, SystemClock

DEFAULT_MODEL = "qwen-image"

_INTERRUPTED = 130  # the exit code of shells for a program ended by Ctrl-C
_FORMATS = {".webp": "webp", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}

_base_url = click.option("--base-url", metavar="URL", help="Base URL of the API, ending in /v1.  [EACHLABS_BASE_URL]")
_api_key = click.option(
    "--api-key", metavar="KEY", help="API key; the variable is safer, as others can see arguments.  [EACHLABS_API_KEY]"
)
_force = click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
_deadline = click.option(
    "--deadline",
    metavar="SECONDS",
    type=click.FloatRange(SHORTEST_DEADLINE, LONGEST_DEADLINE),
    default=DEFAULT_DEADLINE,
    show_default=True,
    help="Maximum time to wait for the end of the prediction.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION)
def main() -> None:
    """Generate images with the Eachlabs prediction API or an emulator of it.

    Exit codes: 0 success; 1 refusal, failed prediction or deadline passed; 2 bad usage or settings, no request sent;
    130 interrupted. The paths of saved files are printed on standard output, everything else on standard error.
    """


@main.command()
@click.argument("prompt")
@click.option(
    "--out", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="File for the image."
)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Slug of the model.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Input field, JSON or text (repeatable).")
@click.option("--webhook-url", metavar="URL", help="URL that the API calls when the prediction ends.")
@_deadline
@_force
@_base_url
@_api_key
@click.pass_obj
def generate(  # noqa: PLR0913  # one parameter for each option
    clock: Clock | None,
    *,
    prompt: str,
    out: Path,
    model: str,
    settings: tuple[str, ...],
    webhook_url: str | None,
    deadline: float,
    force: bool,
    base_url: str | None,
    api_key: str | None,
) -> None:
    """Generate an image of PROMPT and save it as FILE.

    The suffix of FILE selects the format (webp, jpg, png) unless --set output_format=... does; models without a
    choice of formats ignore it. Several images are saved as FILE-1, FILE-2 and so on. An existing FILE is never
    overwritten without --force; this is checked before the prediction is created.
    """
    _check_target(out, force=force)
    fields = {"prompt": prompt, **_format(out, model), **_inputs(settings)}
    progress = Progress(sys.stderr, clock or SystemClock())
    with _reported(progress), Client(base_url, api_key, clock=progress) as client:
        progress.created(client.create(model, fields, webhook_url=webhook_url, deadline_seconds=deadline))
        left = max(deadline - progress.elapsed, SHORTEST_DEADLINE)
        _collect(client, progress, out, left, force=force)


@main.command()
@click.argument("prediction_id", metavar="ID")
@click.option(
    "--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Wait for the end; save the image."
)
@_deadline
@_force
@_base_url
@_api_key
@click.pass_obj
def get(  # one parameter for each option
    clock: Clock | None,
    *,
    prediction_id: str,
    out: Path | None,
    deadline: float,
    force: bool,
    base_url: str | None,
    api_key: str | None,
) -> None:
    """Print the state of prediction ID as JSON; with --out, wait for its end and save its image."""
    if out is not None:
        _check_target(out, force=force)
    progress = Progress(sys.stderr, clock or SystemClock())
    progress.prediction_id = prediction_id
    with _reported(progress), Client(base_url, api_key, clock=progress) as client:
        if out is not None:
            _collect(client, progress, out, deadline, force=force)
            return
        prediction = client.get(prediction_id)
        click.echo(_json(prediction))
        if prediction.finished:
            succeeded(prediction)


def _collect(client: Client, progress: Progress, out: Path, deadline: float, *, force: bool) -> None:
    """Wait for the prediction, save its outputs and print their paths."""
    prediction = client.wait(progress.prediction_id, deadline_seconds=deadline, on_poll=progress.polled)
    targets = _targets(out, succeeded(prediction))
    if taken := [str(path) for path in targets if path.exists() and not force]:
        raise DownloadError(f"{', '.join(taken)} exists; --force overwrites it")
    saved = [client.download(url, path) for url, path in zip(prediction.output, targets, strict=True)]
    progress.clear()
    for path in saved:
        click.echo(path)


def _targets(out: Path, prediction: Prediction) -> list[Path]:
    if not prediction.output:
        raise DownloadError("the prediction succeeded, but has no output")
    if len(prediction.output) == 1:
        return [out]
    return [out.with_stem(f"{out.stem}-{number}") for number, _ in enumerate(prediction.output, 1)]


def _check_target(out: Path, *, force: bool) -> None:
    """Check, before anything is charged, that the file can be written."""
    if out.exists() and not force:
        raise click.BadParameter(f"{out} exists; --force overwrites it.", param_hint="--out")
    if not out.parent.is_dir():
        raise click.BadParameter(f"there is no directory {out.parent}.", param_hint="--out")


def _format(out: Path, model: str) -> dict[str, object]:
    """Return the format of the suffix in the model's spelling, which differs for JPEG."""
    name = _FORMATS.get(out.suffix.lower())
    if name is None:
        return {}
    return {"output_format": "jpg" if name == "jpeg" and model == DEFAULT_MODEL else name}


def _inputs(settings: tuple[str, ...]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{setting!r} does not have the form NAME=VALUE.", param_hint="--set")
        if name == "prompt":
            raise click.BadParameter("the prompt is already set by PROMPT.", param_hint="--set")
        fields[name] = _value(value)
    return fields


def _value(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text
    return value


def _no_constant(word: str) -> NoReturn:
    """Reject NaN and Infinity, which JSON does not have, so that they become text."""
    raise ValueError(word)


def _json(prediction: Prediction) -> str:
    """Return *prediction* as JSON, with non-ASCII characters escaped if some could control a terminal."""
    text = json.dumps(asdict(prediction), ensure_ascii=False, indent=2)
    return text if text.replace("\n", "").isprintable() else json.dumps(asdict(prediction), indent=2)


@contextmanager
def _reported(progress: Progress) -> Iterator[None]:
    """Turn an error into one line on standard error and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _end(progress, f"interrupted. {_recovery(progress)}", _INTERRUPTED)
    except EachlabsError as error:
        _end(
            progress,
            f"{str(error).rstrip('.')}. {_advice(progress, error)}",
            2 if isinstance(error, ConfigurationError) else 1,
        )


def _advice(progress: Progress, error: EachlabsError) -> str:
    """Return what to do next, including how to get a prediction that was or may have been charged."""
    refused_for_good = bool(progress.prediction_id) and isinstance(error, RefusedError) and error.tries == 1
    if error.definite or refused_for_good or isinstance(error, PredictionFailed):
        return error.hint
    return f"{error.hint} {_recovery(progress)}"


def _recovery(progress: Progress) -> str:
    if progress.prediction_id:
        return f"Get it later with: eachlabs-client get {progress.prediction_id} --out FILE"
    return "The prediction may have been created and charged; check this before you try again."


def _end(progress: Progress, line: str, code: int) -> NoReturn:
    progress.clear()
    click.echo(f"eachlabs-client: {' '.join(printable(line).split())}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main(prog_name="eachlabs-client")
