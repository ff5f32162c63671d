"""A Dask cluster as the crew that grades: https://distributed.dask.org.

    dask scheduler                       # on one machine
    dask worker tcp://HOST:8786          # on each machine that grades, in the same environment
    vae-lab grade LAB --scheduler tcp://HOST:8786

A worker needs no file of the course. One that dies is replaced by another; a submission that it had
in hand is graded again.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from vae_grading.course.assignment import Assignment, environment
from vae_grading.grading.crew import Crew
from vae_grading.grading.one_submission import Graded, HandIn, grade_submission
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15


@contextlib.contextmanager
def dask_crew(address: str) -> Iterator[Crew]:
    """The workers of the scheduler at `address`.

    Raises VaeLabError when it cannot be reached or has no workers, or one of another version of
    this project; and from within, when the scheduler goes away.
    """
    from distributed import KilledWorker

    with _connected(address) as client:
        _require_sound_workers(client, address)
        executor = client.get_executor(pure=False)
        try:
            with _scheduler_errors(address):
                yield Crew(executor, lambda: _threads(client), _grade, lost=(KilledWorker,))
        finally:
            executor.shutdown(wait=False)


def _grade(assignment: Assignment, hand_in: HandIn) -> Graded:
    """On a worker: as on any other machine, if it has the same code."""
    if assignment.environment != environment():
        raise VaeLabError(f"{_here()} has another version of VAE Lab: install the same there")
    return grade_submission(assignment, hand_in)


def _here() -> str:
    from distributed import get_worker

    return f"the worker at {get_worker().address}"


def _state() -> tuple[str, str | None]:
    """Of a worker: its version of what decides on marks, and why it has no sandbox, if so."""
    from vae_grading.sandbox.jail import fault

    return environment(), fault()


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on versions of packages that have no part in grading
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise VaeLabError(
                f"no scheduler answers at {address} ({_first_line(error)}): start one with "
                "`dask scheduler`, or grade on this machine without --scheduler"
            ) from None
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=5)


def _require_sound_workers(client: Client, address: str) -> None:
    if not _threads(client):
        raise VaeLabError(
            f"the scheduler at {address} has no workers: start some with `dask worker {address}`"
        )
    for worker, (code, reason) in client.run(_state).items():
        if code != environment():
            raise VaeLabError(
                f"the worker at {worker} has another version of VAE Lab: install the same there"
            )
        if reason is not None:
            raise VaeLabError(f"there is no sandbox on the worker at {worker}: {reason}")


def _threads(client: Client) -> int:
    return sum(worker["nthreads"] for worker in client.scheduler_info(-1)["workers"].values())


@contextlib.contextmanager
def _scheduler_errors(address: str) -> Iterator[None]:
    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CancelledError, FutureCancelledError, CommClosedError, TimeoutError):
        raise VaeLabError(
            f"the scheduler at {address} went away; what was graded is kept: run again when it is "
            "back, or without --scheduler"
        ) from None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
