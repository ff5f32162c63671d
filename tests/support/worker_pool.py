"""Processes that judge answers over and over: one thread each, and random numbers of their own."""

import random
import secrets
from concurrent.futures import ProcessPoolExecutor

import numpy
import torch


def worker_pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, initializer=begin)


def begin(seed: int | None = None) -> None:
    """In a new process: one thread, and the numbers that follow from `seed`, or from the system.

    Without it every process, and every run, would draw the same: torch begins with the same seed
    each time, and a forked process goes on with the numbers of its parent.
    """
    seed = secrets.randbits(62) if seed is None else seed
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    numpy.random.seed(seed % 2**32)  # noqa: NPY002 - the global one, which an answer may draw from
    random.seed(seed)
