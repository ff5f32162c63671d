"""A lab as whoever grades it needs it, wherever that is: no file of the course is read there."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.student_version import Generated

PACKAGES = Path(__file__).parents[2]
# Their code decides on marks and on what is written to autograded/; the other folders collect,
# record, and make pages. (one_submission bounds the time that all of it may take.)
DECIDING = {
    *("vae_helpers", "vae_checks", "course", "submissions", "protocol", "student", "judge"),
    *("sandbox", "one_submission.py"),
}


@dataclass(frozen=True)
class Assignment:
    """A lab with its two notebooks, compressed since they travel with every submission.

    `environment` tells by what code and versions it is to be graded, `fingerprint` all that a mark
    depends on besides the submission.
    """

    lab: Lab
    packed_source: bytes
    packed_release: bytes
    environment: str
    fingerprint: str

    @classmethod
    def of(cls, course: Course, lab: Lab, generated: Generated) -> Assignment:
        """The lab as it stands in the course, and as nbgrader gives it to students."""
        source = course.source(lab.name).read_bytes()
        release = generated.notebook.read_bytes()
        packed = zlib.compress(source), zlib.compress(release)
        return cls(lab, *packed, environment(), fingerprint(course, lab))

    @property
    def source(self) -> dict[str, Any]:
        """The instructor's notebook, hidden tests included."""
        return _notebook(self.packed_source)

    @property
    def release(self) -> dict[str, Any]:
        """The notebook that students were given."""
        return _notebook(self.packed_release)

    def key(self, submission: bytes | None) -> str:
        """A hash of a submission and of all else that its marks depend on."""
        return key(self.fingerprint, submission)


def fingerprint(course: Course, lab: Lab) -> str:
    """A hash of all that a mark depends on besides the submission: the tests, and `environment`."""
    source = course.source(lab.name).read_bytes()
    return hashlib.sha256(environment().encode() + source).hexdigest()


def key(fingerprint: str, submission: bytes | None) -> str:
    """A hash of a submission, None for one without a file, and of what else its marks depend on."""
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(b"absent" if submission is None else submission)
    return digest.hexdigest()


def content_hash(data: bytes) -> str:
    """What tells one version of a submission from another."""
    return hashlib.sha256(data).hexdigest()


@cache
def environment() -> str:
    """A hash of the code and the packages' versions that decide on marks."""
    digest = hashlib.sha256()
    files = PACKAGES.glob("vae_*/**/*.py")
    for path in sorted(files):
        parts = path.relative_to(PACKAGES).parts
        if DECIDING & {*parts}:
            digest.update(path.read_bytes())
    for package in ("torch", "ipython"):
        digest.update(importlib.metadata.version(package).encode())
    return digest.hexdigest()


def _notebook(packed: bytes) -> dict[str, Any]:
    notebook = json.loads(zlib.decompress(packed))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook
