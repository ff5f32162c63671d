"""Checks of the exercises: `from vae_helpers.checks import lab3`, then `lab3.gaussian_kl(answer)`.

verdict.py        how an answer is called and how a mistake is told: CheckFailed, ticks
exercise.py       Exercise: the ideas of one exercise, each a method that can be graded alone
misconceptions/   the bank: slug -> the sentence that names the mistake; shared ones, then by lab
values.py         what an answer returned, compared with the truth and with known wrong values
statistics.py     tests of random results, with sample sizes and false-alarm probabilities
gaussian_kl.py    the KL term, an exercise of more than one lab
reparameterize.py the sample that gradients pass, another one
networks.py       properties of a student's module, whatever layers it is made of
fixtures.py       arguments for answers: values in ranges that tell wrong formulas apart
lab1/             one file for each group of exercises of lab1
lab2/             one file for each group of exercises of lab2
lab3/             one file for each group of exercises of lab3

A check compares with mathematics (closed forms, gradient identities, statistics at six sigma or
wider), never with a seed. It only calls the student's objects with tensors, numbers, strings and
callables, reads values and attributes, and differentiates through results; so the answer may live
in another process.
"""

from vae_helpers.checks.exercise import Exercise, idea
from vae_helpers.checks.verdict import CheckFailed, Mistake

__all__ = ["CheckFailed", "Exercise", "Mistake", "idea"]
