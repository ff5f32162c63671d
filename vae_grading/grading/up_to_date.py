"""Which submissions have to be graded: those without a result, or with one of something else."""

from pathlib import Path

from vae_grading.course.assignment import fingerprint, key
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.grading.one_submission import HandIn, read_hand_in
from vae_grading.marks.results import NOT_GRADED
from vae_grading.marks.store import Store
from vae_grading.submissions.hand_in import submission


class HandIns:
    """The submissions in a folder, read one at a time, and which of them have a result."""

    def __init__(self, course: Course, lab: Lab, store: Store, folder: Path) -> None:
        self._course, self._lab = course, lab.name
        self._store, self._folder = store, folder
        self._tests = fingerprint(course, lab)

    def read(self, student: str) -> HandIn:
        return read_hand_in(submission(self._folder, self._lab, student), self._lab)

    def holds(self, student: str) -> bool:
        """Whether the stored result is of this very submission, these tests, this environment."""
        stored = self._store.key(self._lab, student)
        if stored is None or stored[1] == NOT_GRADED:
            return False
        if stored[1] is None and not self._course.autograded(self._lab, student).is_file():
            return False
        now = self.read(student)
        if now.unreadable is not None and now.unreadable.problem != stored[1]:
            return False
        return stored[0] == key(self._tests, now.data)
