"""A Dask scheduler and workers in processes of their own, on this machine."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
from waiting import wait_until


class Cluster:
    """A scheduler and workers in processes of their own, as `dask scheduler` and `dask worker`."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self._processes = folder, []
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard",
                                     "--scheduler-file", str(file))  # fmt: skip
        wait_until(file.is_file, seconds=60)
        wait_until(lambda: file.read_text().strip(), seconds=60)
        self.address = json.loads(file.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(workers)]

    def add_worker(self) -> subprocess.Popen:
        return self._start("worker", self.address, "--nthreads", "1", "--no-dashboard",
                           "--local-directory", str(self.folder))  # fmt: skip

    def _start(self, *arguments: str) -> subprocess.Popen:
        log = (self.folder / "log.txt").open("a")
        made = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments], stdout=log, stderr=log,
            env=os.environ | {"DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "1s"},
        )  # fmt: skip
        self._processes.append(made)
        return made

    def wait_for_workers(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=90)

    def close(self) -> None:
        for process in reversed(self._processes):
            kill_tree(process.pid)
            process.wait(20)


def kill_tree(pid: int) -> None:
    """`kill -9` of a process and of all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        whole = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for each in whole:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
