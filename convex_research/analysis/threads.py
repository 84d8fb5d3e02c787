"""Linear algebra on one thread: how sums are split must not show in the last digits."""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["on_one_thread"]

_Arguments = ParamSpec("_Arguments")
_Made = TypeVar("_Made")


def on_one_thread(compute: Callable[_Arguments, _Made]) -> Callable[_Arguments, _Made]:
    """Make a function give the same bits however many threads BLAS was told to use.

    A library that splits a product among threads adds its parts in another order. An optimiser
    carries that into the seventh digit. Arrays here are small: one thread is faster, too. The
    number of threads is put back afterwards.
    """

    @wraps(compute)
    def limited(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Made:
        with _libraries().limit(limits=1, user_api="blas"):
            return compute(*args, **kwargs)

    return limited


@cache
def _libraries() -> Any:
    """The BLAS libraries of this process; numpy and scipy each bring one."""
    import numpy as np  # noqa: F401 - it finds what is loaded
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
