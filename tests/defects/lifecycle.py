"""Defects in the life of a prediction: when it ends, and what a read tells of that."""

from itertools import count
from typing import TYPE_CHECKING

from defects.toolkit import Defect, Document, reading
from defects.wsgi import asking, saying, without
from eachlabs_mock.app import Application
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.prediction import Prediction, Status

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication


def _final(prediction: Prediction) -> Status:
    return prediction.plan.steps[-1][1]


def _flapping(_prediction: Prediction, status: Status, times_ended: int) -> Status:
    return Status.PROCESSING if times_ended == 2 else status


def _at_once(prediction: Prediction, _status: Status, _times_ended: int) -> Status:
    return _final(prediction)


def _never(_prediction: Prediction, _status: Status, _times_ended: int) -> Status:
    return Status.PROCESSING


def _gone_once_read(_prediction: Prediction, status: Status, times_ended: int) -> Status:
    if status is Status.SUCCESS and times_ended > 1:
        raise ApiError("unknown_prediction", "It was collected already.")
    return status


def _all_at_once(application: Application) -> "WSGIApplication":
    store, worlds = application.emulator.store, application.emulator.worlds

    def change(prediction: Prediction, status: Status, _times_ended: int) -> Status:
        now = worlds.now_in(prediction.world)
        ends = [each.ends_at for each in store.of_world(prediction.world) if each.ends_at is not None]
        return _final(prediction) if any(prediction.created_at <= each <= now for each in ends) else status

    return reading(change)(application)


def _other_output_each_time(application: Application) -> "WSGIApplication":
    times = count(1)

    def edit(_status: int, said: Document) -> Document:
        return {**said, "output": f"{said['output']}?read={next(times)}"} if "output" in said else said

    return saying(edit)(application)


def _seed_ignored(application: Application) -> "WSGIApplication":
    seeds = count(1_000_000)

    def edit(document: Document) -> Document:
        given = document["input"]
        is_seed = type(given.get("seed")) is int  # anything else is for the emulator to refuse
        return {**document, "input": {**given, "seed": next(seeds)}} if is_seed else document

    return asking(edit)(application)


def _anonymous(_status: int, said: Document) -> Document:
    return without(said, "predictionID") if said["status"] == "processing" else said


def _unmeasured(_status: int, said: Document) -> Document:
    return without(said, "metrics")


def _failed(status: int, said: Document) -> Document:
    return {**said, "status": "failed"} if status == 200 and said["status"] == "error" else said


def _succeeded(_status: int, said: Document) -> Document:
    return {**said, "status": "succeeded"} if "output" in said else said


DEFECTS = (
    Defect("L01", "lifecycle.ended-stays", "the second read after the end says processing", reading(_flapping)),
    Defect("L02", "lifecycle.processing-body", "processing lacks predictionID", saying(_anonymous)),
    Defect("L03", "lifecycle.success-body", "success lacks metrics", saying(_unmeasured)),
    Defect("L05", "lifecycle.not-early", "the first read shows the end", reading(_at_once)),
    Defect("L06", "lifecycle.ends", "processing never ends", reading(_never)),
    Defect("L07", "lifecycle.ended-stays", "each read tells of another output", _other_output_each_time),
    Defect("L09", "lifecycle.failure-body", "a failed prediction reads failed", saying(_failed)),
    Defect("L10", "lifecycle.ended-stays", "a success can be read once", reading(_gone_once_read)),
    Defect("L11", "lifecycle.vocabulary", "a success reads succeeded", saying(_succeeded)),
    Defect("L12", "outputs.reproducible", "the seed is ignored", _seed_ignored),
    Defect("L14", "lifecycle.neighbours", "the first to end ends all", _all_at_once),
)
