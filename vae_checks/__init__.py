"""Checks of the exercises: `from vae_checks import lab3`, then `lab3.gaussian_kl(answer)`.

verdict.py        how an answer is called and how a mistake is told: CheckFailed, ticks
exercise.py       Exercise: the ideas of one exercise, each a method that can be graded alone
misconceptions.py the bank: slug -> the sentence that names the mistake; a lab adds its own
values.py         what an answer returned, compared with the truth and with known wrong values
distortions.py    what was done to the right value, where no check foresaw it
terms.py          which term of a sum is wrong; factors.py: which factor of a product
misread.py        which argument was taken for another
statistics.py     tests of random results, with sample sizes and false-alarm probabilities
reference.py      what the reference model and loss give, to compare with
beside.py         functions of the checks that run in the answer's process
watching.py       what a callable of a check writes down about what it is given
uncompiled.py     torch.compile has no effect while a check runs
start.py          the first check of all, in 00-start-here
shared_exercises/ exercises of more than one lab: the KL term, the sample that gradients pass
networks.py       properties of a student's module, whatever layers it is made of
heads.py          what its outputs can be: any real number, each by weights of its own
fixtures.py       arguments for answers: values in ranges that tell wrong formulas apart
released.py       a lab's exercises, points and visible tests, as students are given them
standing.py       where a student stands: all that can be seen, run anew
lab1/             one file for each group of exercises of lab1
lab2/             one file for each group of exercises of lab2
lab3/             one file for each group of exercises of lab3
lab4/             one file for each group of exercises of lab4
lab5/             one file for each group of exercises of lab5
lab6/             one file for each group of exercises of lab6

A check compares with mathematics (closed forms, gradient identities, statistics at six sigma or
wider), never with a seed. It only calls the student's objects with tensors, numbers, strings and
callables, reads values and attributes, and differentiates through results; so the answer may live
in another process.
"""

import importlib
import pkgutil

from vae_checks.exercise import Exercise, idea
from vae_checks.verdict import CheckFailed, Mistake

__all__ = ["CheckFailed", "Exercise", "Mistake", "idea", "load_all"]


def load_all() -> None:
    """Import the checks of every lab, and with them what their mistakes mean."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
