"""Zips as systems make them, and what a course holds after they were collected."""

import json
import zipfile
from pathlib import Path

from rich.console import Console

from vae_grading.course.course import Course
from vae_grading.deliveries.collect import collect
from vae_helpers.errors import VaeLabError

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
DAY = (2026, 9, 24, 10, 0, 0)


def make_zip(path: Path, files: dict, when: tuple = DAY) -> Path:
    """A zip of path -> text or bytes, all of one time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), text)
    return path


def submitted(course: Course, lab: str = "toy") -> dict[str, str]:
    """Student -> text of what lies in submitted/."""
    found = course.submitted.glob(f"*/{lab}/{lab}.ipynb")
    files = [path for path in found if path.is_file()]
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in files}


def deliver(course: Course, console: Console, source: Path, **options) -> dict[str, str]:
    """Collect; {path: reason} of what was left, where all of it may be."""
    try:
        _, left = collect(course, "toy", source, console=console, **options)
    except VaeLabError as error:
        return {"": str(error)}
    return {each.path: each.reason for each in left}
