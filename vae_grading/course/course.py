"""A course's folders, and the labs that lie in them.

The layout is nbgrader's (https://nbgrader.readthedocs.io): `source/<lab>/<lab>.ipynb` beside
`nbgrader_config.py`. Nothing here imports nbgrader or nbformat, which take seconds to load.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from vae_grading.course.lab import Lab, read_lab
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class Course:
    """The folder that holds nbgrader_config.py."""

    root: Path

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"

    def source(self, lab: str) -> Path:
        return self.root / "source" / lab / f"{lab}.ipynb"

    def answers(self, lab: str) -> Path:
        return self.root / "source" / lab / "answers"

    def release(self, lab: str) -> Path:
        return self.root / "release" / lab / f"{lab}.ipynb"

    def solution(self, lab: str) -> Path:
        return self.root / "solutions" / lab / f"{lab}.ipynb"

    def autograded(self, lab: str, student: str) -> Path:
        return self.root / "autograded" / student / lab / f"{lab}.ipynb"

    def feedback(self, lab: str, student: str) -> Path:
        return self.root / "feedback" / student / lab / f"{lab}.html"

    @property
    def results(self) -> Path:
        """The database of what grading found: see store.py."""
        return self.root / ".vae-lab" / "results.db"

    @property
    def backups(self) -> Path:
        """Where the gradebook is copied to before a run changes it."""
        return self.root / ".vae-lab" / "backups"

    def labs(self) -> tuple[str, ...]:
        """Names of the labs: the folders of source/ that hold a notebook of their own name."""
        folders = sorted((self.root / "source").glob("*/"))
        return tuple(folder.name for folder in folders if self.source(folder.name).is_file())

    def lab(self, name: str) -> Lab:
        """The lab called `name`, read from its source.

        Raises VaeLabError when there is no such lab, or when its notebook breaks a rule.
        """
        known = self.labs()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            listed = ", ".join(known) or f"none yet: put one into {self.root / 'source'}"
            raise VaeLabError(f"there is no lab called {name!r}; {hint}known labs: {listed}")
        path = self.source(name)
        return read_lab(path, shown=path.relative_to(self.root))


def find_course(start: Path | None = None) -> Course:
    """The course that `start` (or else the current folder) lies in.

    Raises VaeLabError when no folder from there upwards holds nbgrader_config.py.
    """
    here = (start or Path.cwd()).resolve()
    if start is not None and not here.is_dir():
        raise VaeLabError(f"--course {start}: there is no such folder")
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file():
            return Course(folder)
    raise VaeLabError(
        f"{here} lies in no course: go to the folder that holds nbgrader_config.py, "
        "or name it with --course DIR"
    )
