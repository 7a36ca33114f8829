"""Doing independent pieces of work elsewhere: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from elise_pynn.quantity import ParameterError

Work = Callable[[dict[str, Any]], dict[str, Any]]
#: a piece of work whose process has died so often is given up
TRIES = 3


def in_processes(jobs: int, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and result of each piece, in the order of completion, computed in `jobs` processes.

    When a process dies, say for want of memory, the pieces that were not finished are tried again.

    Raises
    ------
    ParameterError
        When processes have died too often.
    """
    waiting, tries = dict(pieces), 0
    while waiting:
        try:
            for key, result in _in_one_pool(jobs, work, waiting):
                del waiting[key]
                yield key, result
        except BrokenProcessPool:
            tries += 1
            if tries == TRIES:
                raise ParameterError(
                    f"worker processes have died {TRIES} times, perhaps for want of memory: give fewer --jobs or smaller networks. "
                    "What is done is kept; the same command goes on from there."
                ) from None


def _in_one_pool(jobs: int, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    pool = ProcessPoolExecutor(min(jobs, len(pieces)), multiprocessing.get_context("spawn"), _end_with_parent)
    try:
        futures = {pool.submit(work, piece): key for key, piece in pieces.items()}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Leave when the parent process is gone, however it ended; a pool's idle processes would wait for ever."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def on_cluster(address: str, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and result of each piece, in the order of completion, computed by the workers of a Dask scheduler.

    Dask gives the pieces of a worker that dies to others.

    Raises
    ------
    ParameterError
        When Dask is not installed, the scheduler cannot be reached or is lost, or a piece has killed its workers.
    """
    try:
        import distributed
    except ImportError:
        raise ParameterError("--scheduler needs Dask: pip install 'elise-pynn[cluster]'.") from None
    if not pieces:
        return
    again = "What is done is kept; the same command goes on from there."
    try:
        with distributed.Client(address, timeout="15s") as client:
            futures = {client.submit(work, piece, key=f"elise-{key}", pure=False): key for key, piece in pieces.items()}
            for future in distributed.as_completed(futures):
                key = futures.pop(future)
                yield key, future.result()
    except distributed.KilledWorker as error:
        raise ParameterError(f"workers of {address} have died of a point of the sweep ({error}): look at their logs. {again}") from None
    except (OSError, ValueError, TimeoutError, distributed.CancelledError) as error:
        raise ParameterError(f"cannot compute on the Dask scheduler {address}: {error}. {again}") from None
