"""Feedback as a notebook, for a system that gives it back under the name of the notebook itself.

It holds text only, each word of a student's or a grader's escaped: nothing in it runs.
"""

import json
import re
from collections.abc import Iterator

from vae_grading.deliveries.times import in_words
from vae_grading.marks.marks import StudentMarks, number
from vae_grading.pages.feedback import Section, sections
from vae_grading.plain_text import plain

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&$~^=:\"'])")


def feedback_notebook(graded: StudentMarks) -> bytes:
    """One student's feedback page as a notebook of Markdown cells."""
    sources = [_head(graded), *map(_section, sections(graded))]
    cells = [
        {"cell_type": "markdown", "id": f"feedback-{place}", "metadata": {}, "source": source}
        for place, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _head(graded: StudentMarks) -> str:
    total = graded.total
    lines = [
        f"# Feedback: {_text(graded.lab.title)}",
        f"**{number(total.points)} of {number(total.max_points)} points** for "
        f"{_text(graded.everybody)}",
    ]
    if graded.late.seconds:
        taken = f": {number(graded.penalty)} points are taken off" if graded.penalty else ""
        lines.append(f"Handed in late by {in_words(graded.late.seconds)}{taken}.")
    if total.open:
        lines.append(
            f"Another {number(total.open)} points are for written answers, which a person marks."
        )
    if graded.result.problem:
        lines += ["This submission could not be graded.", _text(graded.result.reason)]
    lines += [_text(each) for each in (*graded.result.doubts, *graded.result.notes[:20])]
    return "\n\n".join(lines)


def _section(section: Section) -> str:
    exercise, mark = section.exercise, section.mark
    got = "to be marked" if mark.open and not mark.points else f"{number(mark.points)}"
    head = f"## {exercise.word} {exercise.number}: {_text(exercise.plain_title)}"
    return "\n\n".join([head, f"**{got}** of {number(mark.max_points)}", *_said(section)])


def _said(section: Section) -> Iterator[str]:
    for message in section.messages:
        yield from (_text(each) for each in filter(None, (message.seen, message.look)))
        if message.meaning:
            yield f"**{_text(message.meaning)}**"
    for comment in section.comments:
        yield f"From your grader: {_text(comment)}"


def _text(said: str) -> str:
    """Words that Markdown takes for words."""
    lines = plain(said, lines=True).splitlines()
    return "  \n".join(_MARKUP.sub(r"\\\1", " ".join(line.split())) for line in lines)
