"""Wrong answers made by rule earn nothing, right ones rewritten by rule earn everything.

A sample, the same in every run; `make mutate` judges all. Before it, tests of what makes it: of
the rules, of the oracle that tells an equal answer from a wrong one, and of the table.
"""

import ast
import sys
import textwrap
from dataclasses import replace
from functools import cache

import mutate
import pytest
from lab_harness import labs_with_answers, read
from mutation import judging
from mutation.explained import Explanation, explanations
from mutation.judging import Verdict, verdict
from mutation.mutants import Mutant, mutants
from mutation.oracle import BROKEN, OTHER, SAME, Oracle
from mutation.recording import Call, recorded
from mutation.rewrites import rewrites
from mutation.syntax import filled, match, normal, pattern
from places import PROJECT
from student_process import verdicts_on_all

LABS = [read(name) for name in labs_with_answers()]
TASKS = [(lab, key) for lab in LABS for key, task in lab.tasks.items() if task.check]
KL = "def f(mu, logvar):\n    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)"
STEP = """
def step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    loss = loss_fn(model(x), x)
    loss.backward()
    optimizer.step()
    return loss.item()
"""
AVERAGE = """
def average(losses, sizes):
    total = 0.0
    for loss, size in zip(losses, sizes):
        total += loss * size
    return total / sum(sizes)
"""
NET = """
class Net(nn.Module):
    def __init__(self, wide=7):
        super().__init__()
        self.hidden = nn.Linear(5, wide)
        self.out = nn.Linear(wide, 3)

    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))
"""
SAMPLE = "def g(mu, logvar):\n    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)"


def body(source: str) -> set[str]:
    """The mutants of a function of one statement, by what they return."""
    sources = (mutant.source for mutant in mutants("f", "a", source))
    return {text.split("return ", 1)[-1].strip() for text in sources}


@pytest.mark.parametrize(
    "formula",
    [
        "0.5 * (mu ** 2 - logvar.exp() - 1 - logvar).sum(-1)",  # a sign
        "1.0 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(-1)",  # a constant
        "(mu ** 2 + logvar.exp() - 1 - logvar).sum(-1)",  # no factor
        "0.5 * (mu ** 2 - 1 - logvar).sum(-1)",  # no term
        "0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(dim=0)",  # an axis
        "0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).mean(-1)",  # a reduction
        "0.5 * (mu ** 2 + logvar.exp() - 1 - logvar)",  # none
        "0.5 * (mu ** 2 + logvar.exp().exp() - 1 - logvar).sum(-1)",  # twice
        "0.5 * (mu ** 2 + logvar - 1 - logvar).sum(-1)",  # no exp
        "0.5 * (mu ** 2 + mu.exp() - 1 - logvar).sum(-1)",  # another name
        "0.5 * (mu.detach() ** 2 + logvar.exp() - 1 - logvar).sum(-1)",
        "(0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(-1)).half()",
        "(0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(-1)).clamp(min=0)",
    ],
)
def test_a_formula_has_the_mutants_that_a_student_would_write(formula):
    assert formula in body(KL)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (STEP, "    loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n"),  # moved
        (STEP, "    optimizer.step()\n    optimizer.step()\n"),
        (STEP, "x):\n    loss = "),  # nothing cleared
        (STEP, "clip_grad_norm_(model.parameters(), 0.01)\n    optimizer.step()"),
        (AVERAGE, "total = loss * size\n"),
        (AVERAGE, "size\n        return total / sum(sizes)\n"),
        (AVERAGE, "in list(zip(losses, sizes))[:-1]:"),
        (NET, "def __init__(self, wide=7):\n        self.hidden"),  # no super().__init__
        (NET, "nn.Linear(wide, 5)"),
        (NET, "self.out(F.relu(self.out(x)))"),
        (NET, "self.out(self.hidden(x))"),
        (NET, "F.relu(self.out(F.relu(self.hidden(x))))"),
        (SAMPLE, "torch.manual_seed(0)\n"),
        (SAMPLE, "mu.mul_(0.5)\n"),
        (SAMPLE, "torch.rand_like(mu)"),
        (SAMPLE, "torch.randn_like(mu)[:1].expand_as(torch.randn_like(mu))"),
    ],
)
def test_what_a_function_does_has_the_mutants_that_a_student_would_write(source, lines):
    made = [mutant.source for mutant in mutants("f", "a", source)]
    assert any(lines in text or lines in text.replace("nn.utils.", "") for text in made), made


def test_mutants_differ_from_the_answer_and_from_each_other_and_are_python():
    for source in (KL, STEP, AVERAGE, NET, SAMPLE):
        made = [mutant.source for mutant in mutants("f", "a", source)]
        assert len({normal(source), *map(normal, made)}) == len(made) + 1
        assert len(made) > 100
        for text in made:
            ast.parse(text)


def test_a_choice_is_the_same_in_every_run_and_of_every_rule():
    every = mutants("f", "a", KL)
    few = mutants("f", "a", KL, 30)
    assert few == mutants("f", "a", KL, 30)
    assert len(few) == 30
    assert {mutant.source for mutant in few} <= {mutant.source for mutant in every}
    assert {mutant.rule for mutant in few} >= {"sign", "constant", "axis", "detached", "type"}


def test_there_are_far_more_than_fifteen_hundred_different_mutants():
    sources = {
        (key, mutant.source)
        for lab, key in TASKS
        for mutant in mutants(key, "model answer", lab.tasks[key].solution, 60)
    }
    assert len(sources) > 1500


def test_a_pattern_binds_one_expression_to_a_letter():
    assert match(pattern("_a * _a"), pattern("x[0] * x[0]")) is not None
    assert match(pattern("_a * _a"), pattern("x[0] * x[1]")) is None
    assert match(pattern("torch.randn(...)"), pattern("torch.randn(3, dtype=d)")) is not None
    assert match(pattern("2"), pattern("2.0")) is None
    found = match(pattern("(_a - _b) / _c"), pattern("(z - mu) / (2 * s)"))
    assert ast.unparse(filled("_a / _c - _b", found)) == "z / (2 * s) - mu"


def function(source: str) -> object:
    """What a piece of code defines last."""
    import torch

    names = {"torch": torch}
    exec(textwrap.dedent(source), names)
    return list(names.values())[-1]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("def g(a, b): return b * a + 0", SAME),
        ("def g(a, b): return torch.einsum('ij,ij->ij', a, b)", SAME),
        ("def g(a, b): return (a * b).float().double()", OTHER),
        ("def g(a, b): return a * b + 1e-6", OTHER),
        ("def g(a, b): return a.detach() * b", OTHER),
        ("def g(a, b): return (a * b).clamp(-20, 20)", OTHER),
        ("def g(a, b): a.data.mul_(2); return a * b / 2", OTHER),
        ("def g(a, b): torch.set_grad_enabled(False); return a * b", OTHER),
        ("def g(a, b): return (a * b).double()", OTHER),  # what comes in as float32 goes out so
        ("def g(a, b): return a / b if b.all() else a * b", OTHER),
        ("def g(a, b): return a @ b", BROKEN),
        ("def g(a): return a", BROKEN),
    ],
)
def test_the_oracle_tells_an_equal_answer_from_another(other, told):
    import torch

    calls = [Call((torch.randn(3, 5, dtype=torch.float64), torch.rand(3, 5) + 1.0), {})]
    oracle = Oracle(function("def g(a, b): return a * b"), calls)
    assert oracle.verdict(function(other)) == told


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("def g(f, n): return f(torch.randn((n,)))", SAME),
        ("def g(f, n): return f(-torch.randn(n))", OTHER),
        ("def g(f, n): torch.manual_seed(1); return f(torch.randn(n))", OTHER),
        ("def g(f, n): f(torch.zeros(n)); return f(torch.randn(n))", OTHER),  # one call more
        ("kept = []\ndef g(f, n): kept.append(f(torch.randn(n))); return kept[0]", OTHER),
    ],
)
def test_the_oracle_sees_random_numbers_and_what_a_function_was_given(other, told):
    oracle = Oracle(function("def g(f, n): return f(torch.randn(n))"), [Call((_square, 16), {})])
    names = function(other)
    assert oracle.verdict(names) == told


def _square(x):
    return x**2


def test_the_calls_of_an_exercise_are_of_several_sizes_and_stay_as_they_were():
    calls = recorded(read("lab3-vae"), "gaussian-kl")
    assert len({tuple(map(tuple, call.sizes)) for call in calls}) > 2
    mu, logvar = calls[0].copy().arguments
    mu.add_(1)
    assert not (calls[0].arguments[0] == mu).any()
    assert logvar.shape == mu.shape


def kl_mutant(new: str) -> Mutant:
    source = read("lab3-vae").tasks["gaussian-kl"].solution
    return Mutant("gaussian-kl", "model answer", "rule", "old", new, source.replace("0.5 *", new))


def test_a_mutant_is_named_and_one_that_a_weak_check_lets_pass_is_paid():
    lab = read("lab3-vae")
    told = verdict(lab, kl_mutant("1.0 *"))
    assert (told.kind, told.slug) == ("named", "kl-no-half")
    weak = "assert gaussian_kl(torch.zeros(3, 5), torch.zeros(3, 5)).shape == (3,)"
    task = replace(lab.tasks["gaussian-kl"], graded={"gaussian-kl-value": weak})
    planted = replace(lab, tasks=lab.tasks | {"gaussian-kl": task})
    assert verdict(planted, kl_mutant("1.0 *")).kind == "paid"
    assert verdict(planted, kl_mutant("0.5 * 1 *")).kind == "equal"
    assert verdict(planted, kl_mutant("0.5 * mu[0] *")).kind == "accident"
    assert verdict(planted, kl_mutant("0.5 * wrong *")).kind == "raises"
    cell = replace(kl_mutant("1.0 *"), source="gaussian_kl = wrong")
    assert verdict(lab, cell).kind == "raises"


def test_a_mutant_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(judging, "_SECONDS", 0.5)
    endless = Mutant("gaussian-kl", "model answer", "rule", "", "", "while True:\n    pass\n")
    hanging, right = judging.verdicts("lab3-vae", [endless, kl_mutant("0.5 * 1 *")], workers=1)
    assert (hanging.kind, hanging.slug) == ("generic", "hung")
    assert right.kind == "equal"


@pytest.mark.parametrize(
    ("kind", "status"), [("paid", 1), ("explained", 0), ("equal", 0), ("named", 0)]
)
def test_the_command_fails_on_a_mutant_that_is_paid_and_not_explained(
    monkeypatch, capsys, kind, status
):
    slug = "kl-no-half" if kind == "named" else None
    found = Verdict(kl_mutant("1.0 *"), SAME if kind == "equal" else OTHER, slug, "said")
    found = replace(found, why="It may." if kind == "explained" else "")
    assert found.kind == kind
    monkeypatch.setattr(
        mutate, "judged", lambda lab, made, workers, title: [found] if "mutants" in title else []
    )
    monkeypatch.setattr(sys, "argv", ["mutate", "--lab", "lab3-vae", "--exercise", "gaussian-kl"])
    assert mutate.main() == status
    printed = capsys.readouterr().out
    assert ("A wrong answer is paid: 1" in printed) == (kind == "paid")
    assert "| gaussian-kl | 1 |" in printed


def test_an_explanation_is_about_one_change_in_one_exercise():
    minus = Mutant("sample", "a", "sign", "torch.randn_like(mu)", "-torch.randn_like(mu)", "")
    known = Explanation(("sample",), "Why.", "torch.randn_like(_a)", ("-torch.randn_like(_a)",))
    assert known.fits(minus)
    assert not known.fits(replace(minus, key="other"))
    assert not known.fits(replace(minus, new="-torch.randn_like(logvar)"))
    assert not known.fits(replace(minus, old="torch.rand_like(mu)"))
    assert Explanation(("sample",), "Why.", rule="sign").fits(minus)
    assert not Explanation(("sample",), "Why.", rule="noise").fits(minus)


def test_an_explanation_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "survivors.toml"
    assert explanations(tmp_path) == []
    path.write_text('[[survivor]]\nexercises = ["sample"]\nrule = "sign"\n')
    with pytest.raises(ValueError, match="why"):
        explanations(tmp_path)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_explanations_are_about_exercises_of_their_lab(lab):
    for known in explanations(PROJECT / "source" / lab.name / "answers"):
        assert set(known.exercises) <= set(lab.tasks)


def _name(value: object) -> str:
    return getattr(value, "name", value)


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "key"), TASKS, ids=_name)
def test_no_mutant_is_paid_but_those_that_are_explained(lab, key):
    known = explanations(PROJECT / "source" / lab.name / "answers")
    made = mutants(key, "model answer", lab.tasks[key].solution, 6)
    found = [each.explained(known) for each in judging.verdicts(lab.name, made, workers=1)]
    assert [each.mutant for each in found if each.kind in ("paid", "accident")] == []


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "key"), TASKS, ids=_name)
def test_a_right_answer_rewritten_by_rule_earns_every_mark(lab, key):
    made = rewrites(key, "model answer", lab.tasks[key].solution, 5)
    found = list(judging.verdicts(lab.name, made, workers=1))
    assert [each for each in found if each.oracle == SAME and each.slug is not None] == []


@cache
def equal_answers(lab_name: str, key: str) -> list[str]:
    """Rewrites of the model answer that the oracle says are equal; itself if there are none."""
    lab = read(lab_name)
    solution = lab.tasks[key].solution
    made = rewrites(key, "model answer", solution, 6)
    equal = [each.source for each in made if judging.told_by_the_oracle(lab, each) == SAME]
    return equal or [solution]


@pytest.mark.slow
@pytest.mark.usefixtures("ready_to_fork")
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("lab", LABS, ids=_name)
def test_rewritten_answers_earn_every_mark_from_the_judge(lab, number):
    answers = {}
    for key in (key for each, key in TASKS if each is lab):
        equal = equal_answers(lab.name, key)
        answers[key] = equal[number % len(equal)]
    lost = {cell: slug for cell, slug in verdicts_on_all(lab, answers).items() if slug}
    assert lost == {}, answers
