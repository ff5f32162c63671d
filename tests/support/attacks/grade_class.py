"""Grade a course whose class is the corpus, lab after lab, with short limits of time.

    python -m attacks.grade_class COURSE [WORKERS]

A command of its own, so that what it leaves behind can be told from what was there before.
"""

import sys
from pathlib import Path

from rich.console import Console

from vae_grading.course.course import Course
from vae_grading.grading import one_submission as autograder
from vae_grading.grading import run as grade
from vae_grading.pages import feedback, report
from vae_grading.sandbox import limits
from vae_grading.sandbox.limits import Limits

# Attacks on time are many.
SHORT = Limits(cell_seconds=12, cell_seconds_after_timeout=1, notebook_seconds=60)
MOST_STRETCHED = 2.0  # of these limits, on a crowded machine
WORKERS = 4  # most of the time somebody sleeps


def main(folder: Path, workers: int) -> None:
    autograder.LIMITS, limits.MOST_STRETCHED = SHORT, MOST_STRETCHED
    course, console = Course(folder), Console(width=200)
    for lab in course.labs():
        grade.grade(course, lab, workers=workers, console=console)
        feedback.feedback(course, lab, console=console)
        report.report(course, lab, console=console)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else WORKERS)
