"""The student version of a lab, made by nbgrader itself in a temporary course folder."""

import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from vae_grading.course import kept_versions
from vae_grading.course.course import Course
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class Generated:
    """What `nbgrader generate_assignment` made of one lab, in a folder that will be deleted."""

    lab: str
    root: Path

    @property
    def release(self) -> Path:
        """Folder with the student version and the files that go with it."""
        return self.root / "release" / self.lab

    @property
    def notebook(self) -> Path:
        return self.release / f"{self.lab}.ipynb"

    @property
    def gradebook(self) -> Path:
        """A gradebook that knows this lab and no students."""
        return self.root / "gradebook.db"


@contextlib.contextmanager
def generated(
    course: Course, lab: str, *, gradebook: Path | None = None, fresh: bool = True
) -> Iterator[Generated]:
    """Run nbgrader's GenerateAssignment on a copy of the lab's source, with the course's own
    configuration. The cells are recorded in `gradebook`, or else in one that holds nothing else.

    Unless it has to be `fresh`, what was made of the very same source before is as good, and is
    there at once. Raises VaeLabError with nbgrader's own words when it refuses.
    """
    with tempfile.TemporaryDirectory(prefix="vae-lab-") as folder:
        root = Path(folder)
        ignored = shutil.ignore_patterns("answers", ".ipynb_checkpoints", "__pycache__")
        source = root / "source" / lab
        shutil.copytree(course.source(lab).parent, source, ignore=ignored)
        result = Generated(lab, root)
        config = nbgrader_config(course)
        if gradebook is not None:
            _generate(result, gradebook, config)
        else:
            made = kept_versions.state_of(source, config)
            if fresh or not kept_versions.take(course, lab, made, root):
                result.gradebook.write_bytes(_empty_gradebook())
                with _not_flushed():
                    _generate(result, result.gradebook, config)
                kept_versions.keep(course, lab, made, root, [result.release, result.gradebook])
        yield result


def _generate(result: Generated, gradebook: Path, config: Config) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    folders = CourseDirectory(
        root=str(result.root),
        assignment_id=result.lab,
        db_url=f"sqlite:///{gradebook}",
        config=config,
    )
    converter = GenerateAssignment(coursedir=folders, config=config)
    with heard(converter.log) as said:
        try:
            converter.start()
        except NbGraderException:
            reason = next((line for line in reversed(said) if "Error" in line), "see its source")
            reason = reason.strip().splitlines()[-1]
            raise VaeLabError(
                f"source/{result.lab}/{result.lab}.ipynb: nbgrader cannot build the student "
                f"version: {reason}"
            ) from None


@cache
def _empty_gradebook() -> bytes:
    """A gradebook with tables and nothing in them."""
    import nbgrader
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from nbgrader.api import Gradebook
    from sqlalchemy import create_engine

    with tempfile.TemporaryDirectory(prefix="vae-lab-") as folder:
        path = Path(folder) / "gradebook.db"
        # nbgrader would ask the command `alembic` for the version of its tables, for seconds.
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            versions = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
            MigrationContext.configure(connection).stamp(versions, "head")
        engine.dispose()
        Gradebook(f"sqlite:///{path}").close()
        return path.read_bytes()


@contextlib.contextmanager
def _not_flushed() -> Iterator[None]:
    """Inside, databases that are opened do not wait for the disk: they are deleted soon. nbgrader
    commits after every cell."""
    from sqlalchemy import Engine, event

    def hurry(connection: Any, _: Any) -> None:
        connection.execute("pragma synchronous = off")

    event.listen(Engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hurry)


def nbgrader_config(course: Course) -> Config:
    """The course's nbgrader_config.py, and nothing from the user's own configuration."""
    # nbgrader runs `alembic` by name: let it find the one beside this Python.
    here = os.path.dirname(sys.executable)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ.get("PATH", "")
    return PyFileConfigLoader("nbgrader_config.py", str(course.root)).load_config()


@contextlib.contextmanager
def heard(log: Any) -> Iterator[list[str]]:
    """Collect what nbgrader logs, from warnings upwards, instead of printing it."""
    said: list[str] = []
    handler: Any = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logger = getattr(log, "logger", log)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
