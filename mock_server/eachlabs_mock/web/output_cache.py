"""Output images: rendered once, at the first download, and cached up to a bound of bytes."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson
from cachetools import LRUCache, cachedmethod

from eachlabs_mock.core import ApiError, Prediction
from eachlabs_mock.images import media_type_of
from eachlabs_mock.models import Catalog

AT_ONCE = 2
"""Images rendered concurrently: a large one takes some 30 MB meanwhile."""

LARGE_PIECE = 13 << 20
"""Bytes: more than the largest block of memory that a large image needs."""


@dataclass(frozen=True, slots=True)
class Image:
    """A rendered image. The `etag` follows from its bytes."""

    content: bytes
    media_type: str
    etag: str


class OutputCache:
    """Renders and caches the output images of predictions.

    :param capacity: bytes cached at most; the least recently fetched image is evicted.
    """

    def __init__(self, catalog: Catalog, capacity: int) -> None:
        self._catalog = catalog
        self._cache: LRUCache[tuple[object, ...], Image] = LRUCache(
            capacity, getsizeof=lambda image: len(image.content)
        )
        self._condition = threading.Condition()  # concurrent downloads of one image render it once
        self._renderers = ThreadPoolExecutor(AT_ONCE, "renderer", _keep_freed_memory)

    @cachedmethod(
        lambda self: self._cache,
        key=lambda self, prediction, index: _identity(prediction, index),  # noqa: ARG005  # the cache is this output_cache's
        condition=lambda self: self._condition,
    )
    def image(self, prediction: Prediction, index: int) -> Image:
        """Return the output number *index*, from 0, of *prediction*.

        :raises ApiError: its model is no longer served: an earlier process, with other models, has created it.
        """
        from eachlabs_mock.images import Picture, render  # noqa: PLC0415  # loads fonts and text shaping when first needed

        model = self._catalog.get(prediction.model)
        if model is None:
            raise ApiError("unknown_output", f"Its model {prediction.model[:100]!r} is no longer served (--models).")
        content = model.resolved(orjson.loads(prediction.input))
        picture = Picture(model.slug, model.title, content, prediction.seed, index)
        rendered = self._renderers.submit(render, picture).result()
        extension = prediction.outputs[index].rpartition(".")[2]
        return Image(rendered, media_type_of(extension), hashlib.blake2b(rendered, digest_size=16).hexdigest())


def _keep_freed_memory() -> None:
    """Keep freed memory for the next image: glibc returns all beyond twice the largest block it saw freed.

    Otherwise each large WebP pages in 24 MB, which takes a fifth of its time.
    """
    bytes(LARGE_PIECE)


def _identity(prediction: Prediction, index: int) -> tuple[object, ...]:
    # All that the bytes depend on. Not the id: a dropped world that is made again draws the same ids.
    return prediction.model, prediction.input, prediction.seed, index
