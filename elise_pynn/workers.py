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
#: key and result of a piece of work, or the exception that it raised
Done = tuple[str, dict[str, Any] | Exception]
#: so many deaths of processes without a piece finished between them are too many
DEATHS = 3


def in_processes(jobs: int, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[Done]:
    """Yield key and result of each piece, in the order of completion, computed in `jobs` processes.

    When a process dies, say for want of memory, the pieces that were not finished are tried again.

    Raises
    ------
    ParameterError
        When processes keep dying.
    """
    waiting, deaths = dict(pieces), 0
    while waiting:
        try:
            for key, result in _in_one_pool(jobs, work, waiting):
                del waiting[key]
                deaths = 0
                yield key, result
        except BrokenProcessPool:
            deaths += 1
            if deaths == DEATHS:
                raise ParameterError(
                    f"worker processes have died {DEATHS} times, perhaps for want of memory: give fewer --jobs or smaller networks. "
                    '(A script needs `if __name__ == "__main__":`.) What is done is kept; the same command goes on from there.'
                ) from None


def _in_one_pool(jobs: int, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[Done]:
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(jobs, len(pieces)), multiprocessing.get_context("spawn"), _end_with_parent)
    finished = False
    try:
        futures = {pool.submit(work, piece): key for key, piece in pieces.items()}
        for future in as_completed(futures):
            error = future.exception()
            if isinstance(error, BrokenProcessPool) or (error is not None and not isinstance(error, Exception)):
                raise error
            yield futures[future], error if error is not None else future.result()
        finished = True
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if not finished:  # interrupted: nobody waits for what is being computed
            for process in set(multiprocessing.active_children()) - others:
                process.kill()


def _end_with_parent() -> None:
    """Leave when the parent process is gone, however it ended; a pool's idle processes would wait for ever."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_one_at_a_time = threading.Lock()


def _alone(work: Work, piece: dict[str, Any]) -> dict[str, Any]:
    """Do a piece while no other thread of this process does one: NEST has one kernel, and compiled code keeps the interpreter."""
    with _one_at_a_time:
        return work(piece)


def on_cluster(address: str, work: Work, pieces: dict[str, dict[str, Any]]) -> Iterator[Done]:
    """Yield key and result of each piece, in the order of completion, computed by the workers of a Dask scheduler.

    Dask gives the pieces of a worker that dies to others.

    Raises
    ------
    ParameterError
        When Dask is not installed, or the scheduler cannot be reached or is lost.
    """
    try:
        import distributed
    except ImportError:
        raise ParameterError("--scheduler needs Dask: pip install 'elise-pynn[cluster]'.") from None
    if not address:
        raise ParameterError("--scheduler is empty: give the address of a Dask scheduler, like tcp://127.0.0.1:8786, or leave it out.")
    if not pieces:
        return
    again = "What is done is kept; the same command goes on from there."
    try:
        client = distributed.Client(address, timeout="15s")
    except (OSError, ValueError, TimeoutError) as error:
        raise ParameterError(f"cannot reach the Dask scheduler {address}: {error}. {again}") from None
    with client:
        futures = {client.submit(_alone, work, piece, key=f"elise-{key}", pure=False): key for key, piece in pieces.items()}
        for future in distributed.as_completed(futures):
            if future.cancelled() or future.status == "lost":
                raise ParameterError(f"the Dask scheduler {address} is lost. {again}")
            key, failure = futures.pop(future), future.exception()
            yield key, failure if isinstance(failure, Exception) else future.result()
