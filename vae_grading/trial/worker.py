"""The process in which a trial runs a notebook: a job on stdin, what becomes of it on stdout.

A line of JSON for each step that begins and each that ends. What the notebook prints goes nowhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

Tell = Callable[..., object]


def carry_out(job: dict[str, Any], tell: Tell) -> None:
    """Run the steps of a job in order. Told are ("ready",), ("begins", n), ("ran", n, error) and
    ("judged", n, state, said, by_check), and in the end ("done",)."""
    os.environ |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "VAE_LAB_SMOKE": "1"}
    from vae_checks.released import Part
    from vae_checks.standing import judged
    from vae_grading.student.cells import Cells
    from vae_grading.student.forbidden import forbid, import_all

    import_all()
    cells = Cells()
    forbid(job["forbidden"], cells.given)
    tell("ready")
    for number, step in job["steps"]:
        tell("begins", number)
        if step["is_test"]:
            part = Part(step["key"], 1, step["source"])
            tell("judged", number, *judged(part, cells.namespace))
        else:
            done = cells.run(step["source"], given=step["given"], answer=step["answer"])
            tell("ran", number, done["error"])
    tell("done")


def main() -> None:
    """Serve the job on stdin; afterwards stdin, stdout and stderr lead nowhere."""
    job = json.loads(sys.stdin.buffer.read())
    # Its own number, which nothing that the notebook starts inherits.
    with open(os.dup(1), "w", encoding="utf-8") as out:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nowhere, number)

        def tell(*event: Any) -> None:
            if event == ("ready",):  # until then whoever started it hears of what fails
                os.dup2(nowhere, 2)
            out.write(json.dumps(event) + "\n")
            out.flush()

        carry_out(job, tell)


if __name__ == "__main__":
    main()
