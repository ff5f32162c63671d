"""`make rounds` on one exercise: what it counts, and what it says of an answer that changes."""

from dataclasses import replace

import pytest
import rounds
from lab_harness import read

LAB = read("lab3-vae")


def _run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["rounds.py", *arguments])
    return rounds.main()


def test_every_answer_of_an_exercise_is_judged_each_time(monkeypatch, capsys):
    asked = ["lab3-vae", "--exercise", "gaussian-kl", "--rounds", "2", "--workers", "1"]
    assert _run(monkeypatch, *asked) == 0
    answers = [each for each in (*LAB.right, *LAB.wrong) if each.exercise == "gaussian-kl"]
    said = f"{len(answers)} answers judged 2 times: 0 other verdicts, 0 other messages\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("changes", "kind", "status"),
    [
        ({"loses": ()}, "verdict", 1),
        ({"slug": "kl-negative"}, "words", 0),
        ({"says": "other words"}, "words", 0),
    ],
)
def test_a_verdict_or_words_other_than_the_banks_are_told(
    monkeypatch, capsys, changes, kind, status
):
    wrong = next(each for each in LAB.wrong if each.exercise == "gaussian-kl")
    lab = replace(LAB, right=(), wrong=(replace(wrong, **changes),))
    monkeypatch.setattr(rounds, "read", lambda name: lab)
    asked = ["lab3-vae", "--exercise", "gaussian-kl", "--rounds", "2", "--workers", "1"]
    assert _run(monkeypatch, *asked) == status
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(f"{kind}, 2 of 2: lab3-vae, gaussian-kl, {wrong.name}: ")


@pytest.mark.parametrize("arguments", [["lab99-none"], ["lab3-vae", "--exercise", "none"]])
def test_an_unknown_lab_or_exercise_gets_one_line_and_status_2(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        _run(monkeypatch, *arguments)
    assert caught.value.code == 2
    assert "there are" in capsys.readouterr().err
