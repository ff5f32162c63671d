"""Submissions that share what few others have: near-identical answers, for a person to look at.

Right answers resemble each other, so equal text proves nothing. What counts is what is rare in the
class: runs of words that at most a few submissions have (compare winnowing: Schleimer, Wilkerson
and Aiken, 2003, who also leave out what many documents share). Two students who share most of
their rare runs have the same odd names, comments, slips or phrases.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from vae_grading.course.lab import Exercise, Lab

RUN = 6  # words in a run
RARE = 4  # a run that more submissions have says nothing
LEAST_SHARED = 30  # runs; fewer come about by chance
LEAST_SHARE = 0.6  # of the rare runs of the one who has fewer
LONGEST_COMPARED = 20_000  # characters of one answer; what comes after them is not looked at
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Resemblance:
    """Two students, the share of rare runs that they have in common, and in which exercises."""

    students: tuple[str, str]
    share: float
    exercises: tuple[Exercise, ...]


def answers(notebook: Mapping[str, Any], lab: Lab) -> dict[Exercise, list[str]]:
    """What each of the notebook's solution cells holds, by exercise, as far as it is compared."""
    found: dict[Exercise, list[str]] = {}
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader") or {}
        if marks.get("solution"):
            exercise = lab.exercise_of(marks.get("grade_id", ""))
            if exercise is not None:
                found.setdefault(exercise, []).append(cell["source"][:LONGEST_COMPARED])
    return found


def resemblances(
    submissions: Mapping[str, Mapping[Exercise, list[str]]], known: Iterable[str] = ()
) -> list[Resemblance]:
    """Pairs of near-identical submissions, the most similar first.

    `submissions` are answers by student and exercise; what stands in one of the `known` texts
    (the cells as released, say) does not count.
    """
    given = {run for text in known for run in _runs(text)}
    runs = {
        student: {
            (exercise.key, run): exercise
            for exercise, cells in by_exercise.items()
            for text in cells
            for run in _runs(text)
            if run not in given
        }
        for student, by_exercise in submissions.items()
    }
    owners = _rare(runs)
    rare = Counter(student for students in owners.values() for student in students)
    shared: dict[tuple[str, str], list[Exercise]] = {}
    for run, students in owners.items():
        for pair in combinations(sorted(students), 2):
            shared.setdefault(pair, []).append(runs[pair[0]][run])
    found = []
    for (first, second), exercises in shared.items():
        share = len(exercises) / min(rare[first], rare[second])
        if len(exercises) >= LEAST_SHARED and share >= LEAST_SHARE:
            in_order = sorted(set(exercises), key=lambda each: (each.word, each.number))
            found.append(Resemblance((first, second), share, tuple(in_order)))
    return sorted(found, key=lambda each: (-each.share, each.students))


def _rare(runs: Mapping[str, Iterable[Any]]) -> dict[Any, list[str]]:
    """The students of every run that few of them have."""
    owners: dict[Any, list[str]] = {}
    for student, own in runs.items():
        for run in own:
            students = owners.setdefault(run, [])
            if len(students) <= RARE:
                students.append(student)
    return {run: students for run, students in owners.items() if len(students) <= RARE}


def _runs(text: str) -> set[int]:
    """Hashes of all runs of words in the text, whatever its spaces and its case."""
    words: Sequence[str] = _WORD.findall(text[:LONGEST_COMPARED].lower())
    return {hash(tuple(words[i : i + RUN])) for i in range(len(words) - RUN + 1)}
