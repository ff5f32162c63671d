"""Which symptom belongs to which script: a quiz whose key stands in hidden tests."""

from typing import Any

from vae_checks.exercise import Exercise, idea
from vae_checks.verdict import Mistake, describe


class Diagnosis(Exercise):
    """`diagnosis`, a dictionary from the numbers of scripts, or of what else they are `called`, to
    letters, none twice."""

    name = "diagnosis"

    def __init__(self, section: str, scripts: int, letters: str, called: str = "script") -> None:
        self.section, self._scripts, self._allowed = section, scripts, letters
        self._called = called

    @idea("a different letter for each of them")
    def form(self, answer: Any) -> None:
        """Keys from 1 on, letters of those that there are."""
        self._letters(answer)

    @idea("each of them has its symptom")
    def symptoms(self, answer: Any, *, key: dict[int, str]) -> None:
        """Equal to `key`. The message tells how many are right, not which."""
        letters = self._letters(answer)
        right = sum(letters[script] == letter for script, letter in key.items())
        if right < len(key):
            raise Mistake(
                "diagnosis-wrong", f"{right} of {len(key)} {self._called}s have their symptom."
            )

    def _letters(self, answer: Any) -> dict[int, str]:
        """The diagnosis with letters in upper case. Raises Mistake unless it is complete."""
        if answer is None or not hasattr(answer, "items"):
            if answer is None:
                raise Mistake("not-done", "diagnosis is None.")
            raise Mistake("diagnosis-form", f"It is {describe(answer)}, not a dictionary.")
        given = dict(answer.items())
        if all(letter is None or letter is ... or letter == "" for letter in given.values()):
            raise Mistake("not-done", f"No {self._called} has a letter yet.")
        if set(given) != set(range(1, self._scripts + 1)):
            seen = f"Its keys are {', '.join(map(describe, given))}."[:200]
            raise Mistake("diagnosis-form", seen)
        letters = {}
        for script, letter in given.items():
            letters[script] = letter.strip().upper() if isinstance(letter, str) else ""
            if len(letters[script]) != 1 or letters[script] not in self._allowed:
                raise Mistake(
                    "diagnosis-form",
                    f"{self._called.capitalize()} {script} has {describe(letter)}.",
                )
        if len(set(letters.values())) < self._scripts:
            raise Mistake("diagnosis-form", f"Two {self._called}s have the same letter.")
        return letters
