"""Processes that judge answers over and over: one thread each, and random numbers of their own."""

import random
from concurrent.futures import ProcessPoolExecutor

import numpy
import torch


def worker_pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, initializer=_begin)


def _begin() -> None:
    """Without seeds from the system every process, and every run, would draw the same numbers:
    torch begins with the same seed each time."""
    torch.set_num_threads(1)
    torch.seed()
    numpy.random.seed()  # noqa: NPY002 - the global one, which an answer may draw from
    random.seed()
