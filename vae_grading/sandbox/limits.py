"""What one submission may use of the machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

MB = 2**20
MADE = b"+"  # what a zygote says of a student's process that it has made
MOST_STRETCHED = 5.0


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission; on its processes together, where it does not say otherwise.

    memory: bytes that they may hold beyond what they share with the zygote, together.
    processes: how many at a time; threads: of all of them together.
    processors: how many it is told that there are. (It may use all that are free.)
    file_bytes: the size of a file, and of the temporary folder together.
    processor_seconds: of each process.
    open_files: of each process.
    cell_seconds: that a cell may take; cell_seconds_after_timeout those of an exercise in which
        one has taken longer; notebook_seconds all cells together. Of wall-clock time where there is
        a processor for each process: see `on_this_machine`.
    """

    memory: int = 2048 * MB
    processes: int = 100
    threads: int = 500
    processors: int = 2
    file_bytes: int = 64 * MB
    processor_seconds: int = 300
    open_files: int = 1024
    cell_seconds: float = 30
    cell_seconds_after_timeout: float = 5
    notebook_seconds: float = 240

    def on_this_machine(self) -> Limits:
        """These limits with as much more time as the machine is crowded by now, if it is.

        A right answer that waits for a processor must not be taken for one without an end.
        """
        crowd = min(MOST_STRETCHED, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))
        return replace(
            self,
            cell_seconds=self.cell_seconds * crowd,
            cell_seconds_after_timeout=self.cell_seconds_after_timeout * crowd,
            notebook_seconds=self.notebook_seconds * crowd,
        )
