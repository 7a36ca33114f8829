"""Products of matrices on one core: a network has one, and many networks share the machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

import scipy.linalg  # noqa: F401  loads the library that compiled code calls
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_core() -> AbstractContextManager:
    """Within this context, linear algebra uses one thread."""
    return _controller().limit(limits=1, user_api="blas")
