"""Submitting a bundle to the EBRAINS neuromorphic platform's job service, by its own client."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

from elise_pynn.export.bundle import SCRIPT, Bundle
from elise_pynn.quantity import ParameterError

#: the only place that a token is taken from; it is never written anywhere
TOKEN = "EBRAINS_TOKEN"
JOB_SERVICE = "https://nmpi-v3.hbpneuromorphic.eu"
USER_INFO = "https://iam.ebrains.eu/auth/realms/hbp/protocol/openid-connect/userinfo"
#: seconds without an answer after which the service counts as down, and between two questions for a job's state
PATIENCE, ASKED_EVERY = 30.0, 5.0
#: questions in a row that may fail before waiting is given up
FAILURES = 5
TAG_LENGTHS = range(2, 101)
#: states in which a job ends
ENDED = ("finished", "error")


def job_of(bundle: Bundle, collab: str, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a job as they are sent.

    Raises
    ------
    ParameterError
        For a collab or tags that the service would refuse.
    """
    if not re.fullmatch(r"[\w.-]+", collab):
        raise ParameterError(f"collab = {collab!r} is not allowed: give its identifier, as in its address (letters, digits, dashes).")
    for tag in tags:
        if len(tag) not in TAG_LENGTHS:
            raise ParameterError(f"tag = {tag!r} is not allowed: give {TAG_LENGTHS.start} to {TAG_LENGTHS.stop - 1} characters.")
    job = {
        "code": bundle.script,
        "command": bundle.command,
        "collab": collab,
        "hardware_platform": bundle.title,
        "hardware_config": bundle.configuration,
    }
    return {**job, "tags": list(tags)} if tags else job


class Jobs:
    """The job service, spoken to through its client.

    Parameters
    ----------
    job_service, user_info : str
        Addresses.

    Raises
    ------
    ParameterError
        When the client or a token is missing, the token is refused, or the service does not answer.
    """

    def __init__(self, job_service: str = JOB_SERVICE, user_info: str = USER_INFO) -> None:
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise ParameterError(f"there is no token: put one into the environment, export {TOKEN}=..., or look first with --dry-run.")
        try:
            from nmpi import nmpi_user
        except ImportError as error:
            raise ParameterError('the client of the job service is missing: pip install "elise-pynn[ebrains]".') from error
        # the client would keep the token in the home folder, ask for a password when a token is refused, and wait for ever
        nmpi_user.TOKENFILE = os.devnull
        nmpi_user.have_collab_token_handler = False
        nmpi_user.getpass.getpass = _refuse
        nmpi_user.requests = _patient()
        self._service = job_service
        with _clear_errors(job_service):
            self._client = nmpi_user.Client(token=token, job_service=job_service, user_info_endpoint=user_info)

    def submit(self, bundle: Bundle, collab: str, tags: tuple[str, ...] = ()) -> str:
        """Submit a bundle; returns the job's address on the service."""
        job = job_of(bundle, collab, tags)
        with _clear_errors(self._service):
            return str(
                self._client.submit_job(
                    str(bundle.folder / SCRIPT),
                    job["hardware_platform"],
                    collab,
                    config=job["hardware_config"],
                    command=job["command"],
                    tags=job.get("tags"),
                )
            )

    def wait(self, job: str, told: Callable[[str], None], every: float | None = None) -> dict[str, Any]:
        """Ask for a job's state until it has ended, telling each new one; returns the job with its log."""
        state, failed = "", 0
        while state not in ENDED:
            try:
                with _clear_errors(self._service):
                    now = str(self._client.job_status(job))
                failed = 0
            except ParameterError as error:
                failed += 1
                if failed > FAILURES:
                    raise ParameterError(f"{error} The job {job} was submitted all the same.") from error
                now = state
            if now != state:
                told(now)
                state = now
            if state not in ENDED:
                time.sleep(ASKED_EVERY if every is None else every)
        with _clear_errors(self._service):
            return dict(self._client.get_job(job, with_log=True))


def _patient() -> SimpleNamespace:
    """What the client uses of requests, giving up after a while."""
    import requests

    return SimpleNamespace(**{verb: partial(getattr(requests, verb), timeout=PATIENCE) for verb in ("get", "post", "put", "delete")})


def _refuse(*_: Any) -> str:
    raise ParameterError(f"the token in {TOKEN} is refused: get a new one, they last for a day or less.")


@contextmanager
def _clear_errors(service: str) -> Iterator[None]:
    """The client raises plain Exceptions: say what happened."""
    from requests import exceptions

    try:
        yield
    except ParameterError:
        raise
    except exceptions.Timeout as error:
        raise ParameterError(f"{service} has not answered for {PATIENCE:g} s: try again later.") from error
    except exceptions.ConnectionError as error:
        raise ParameterError(f"{service} cannot be reached: is this machine on line, and the service up?") from error
    except Exception as error:
        said = str(error)
        if re.search(r"Error 401|invalid_token", said):
            _refuse()
        if re.search(r"Error 403|quota", said, flags=re.IGNORECASE):
            raise ParameterError(f"{service} refuses the job ({said}): does the collab have a quota for this platform?") from error
        raise ParameterError(f"{service} says: {said or type(error).__name__}") from error
