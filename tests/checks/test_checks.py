"""The framework of the checks: how answers are called, and how verdicts look and read."""

import linecache
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import toy
from lab_harness import labs_with_answers, read

import vae_checks as checks
from vae_checks import CheckFailed, Exercise, Mistake, idea, lab3, statistics, verdict
from vae_checks.misconceptions import MISCONCEPTIONS
from vae_checks.values import (
    expect_close,
    expect_equal,
    expect_exact,
    expect_number,
    expect_pair,
)
from vae_checks.verdict import UnknownSlug
from vae_grading.course.bank import Answer, read_answers, read_bank
from vae_grading.course.lab import read_lab
from vae_helpers.errors import VaeLabError

CHECKS = Path(checks.__file__).parent
checks.load_all()  # what the mistakes of every lab mean


class Half(Exercise):
    """An exercise with two ideas and a quiz."""

    name, section = "half", "1.2"

    @idea("halves every number")
    def value(self, answer, *, size=3):
        x = torch.arange(1.0, size + 1)
        expect_equal(verdict.call(self.name, answer, {"x": x}), x.double() / 2, "half")

    @idea("keeps the sign")
    def sign(self, answer):
        if answer(torch.tensor(-2.0)) > 0:
            raise Mistake("nll-sign", "half(-2) is 1.")

    @idea("knows the key")
    def quiz(self, answer, *, key):
        if answer(torch.tensor(2.0)) != key:
            raise Mistake("diagnosis-wrong", "wrong")


half = Half()


def failed(check, *arguments, **keywords) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check(*arguments, **keywords)
    return caught.value


def cell(source: str, name: str = "<cell 7>") -> dict:
    """The namespace of a notebook cell whose lines tracebacks can show."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = {"torch": torch, "sys": sys, "warnings": warnings}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def test_the_check_cell_prints_one_tick_for_each_idea(capsys):
    half(lambda x: x / 2)
    out = capsys.readouterr().out.splitlines()
    assert out == ["✓ half.value: halves every number", "✓ half.sign: keeps the sign"]


def test_a_graded_cell_runs_one_idea_at_the_size_asked_for(capsys):
    sizes = []
    half.value(lambda x: (sizes.append(len(x)), x / 2)[1], size=7)
    assert sizes == [7]
    assert capsys.readouterr().out == "✓ half.value: halves every number\n"


def test_a_failure_has_three_lines_what_was_seen_what_it_means_and_where_to_look():
    error = failed(half.sign, abs)
    assert str(error).splitlines() == [
        "✗ half: half(-2) is 1.",
        f"  {MISCONCEPTIONS['nll-sign']}",
        "  See section 1.2. [nll-sign]",
    ]
    assert error.slug == "nll-sign"
    assert error._render_traceback_() == str(error).splitlines()
    assert error.__cause__ is None
    assert error.__context__ is None


def test_ideas_before_the_one_that_fails_keep_their_ticks(capsys):
    failed(half, lambda x: abs(x) / 2)
    assert capsys.readouterr().out == "✓ half.value: halves every number\n"


def test_an_unfinished_answer_is_told_so():
    namespace = cell("def f(x):\n    raise NotImplementedError()")
    assert failed(half.value, namespace["f"]).slug == "not-done"
    namespace = cell("def f(x):\n    raise NotImplementedError('your code here')")
    assert failed(half.value, namespace["f"]).slug == "not-done"


def test_what_torch_has_not_implemented_is_an_error_like_others():
    """torch raises NotImplementedError, too: that is no unfinished answer."""
    source = "def f(x):\n    return torch.empty(2, device='meta').item() + x"
    error = failed(half.value, cell(source)["f"])
    assert error.slug == "raised"


def test_an_exception_is_told_with_the_call_and_the_line_of_the_cell():
    source = "def f(x):\n    y = x / 2\n    return torch.cat([y, y[None]])\n"
    error = failed(half.value, cell(source)["f"])
    seen, meaning, _ = str(error).splitlines()
    assert "half(x (3,)) raised RuntimeError: " in seen
    assert meaning == "  It happened in line 3 of your cell: return torch.cat([y, y[None]])"
    assert error.slug == "raised"


def test_a_long_exception_text_takes_one_line():
    source = "def f(x):\n    raise ValueError('many\\nlines ' * 500)"
    error = failed(half.value, cell(source)["f"])
    assert len(str(error).splitlines()) == 3
    assert len(str(error)) < 500


def test_sys_exit_is_an_error_in_the_answer_and_no_end():
    assert failed(half.value, cell("def f(x):\n    sys.exit(0)")["f"]).slug == "raised"


def test_what_an_answer_writes_to_stderr_or_warns_of_costs_nothing(capsys):
    source = (
        "def f(x):\n    print('note', file=sys.stderr)\n    warnings.warn('careful')\n"
        "    return x / 2"
    )
    half.value(cell(source)["f"])
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "note" in captured.out


def test_an_answer_that_changes_its_argument_is_told_so():
    error = failed(half.value, lambda x: x.div_(2))
    assert error.slug == "changed-argument"
    assert "changed the values of `x`" in str(error)


def test_something_that_cannot_be_called_is_told_so():
    assert failed(half.value, 3.5).slug == "wrong-type"


@pytest.mark.parametrize(
    ("answer", "slug", "says"),
    [
        (lambda x: None, "wrong-type", "half is None. Is a `return` missing?"),
        (lambda x: 1.5, "wrong-type", "float 1.5"),
        (lambda x: (x / 2).numpy(), "wrong-type", "a numpy array"),
        (lambda x: (x / 2).long(), "wrong-type", "torch.int64"),
        (lambda x: x[None] / 2, "shape-extra-one", "(1, 3), it should be (3,)"),
        (lambda x: x / 2 + torch.tensor(torch.nan), "nan", "contains nan"),
        (lambda x: (x / 2).to("meta"), "wrong-device", "on meta"),
        (lambda x: x, "value-scaled", "2 times the right ones"),
        (lambda x: x / 2 + 1, "value-shifted", "it should be"),
    ],
)
def test_a_result_of_the_wrong_kind_is_named(answer, slug, says):
    error = failed(half.value, answer)
    assert error.slug == slug
    assert says in str(error)


def test_float32_answers_are_compared_with_the_tolerance_that_they_have():
    truth = torch.ones(2, dtype=torch.float64)
    expect_equal(truth.float() + 3e-5, truth, "it")
    with pytest.raises(Mistake):
        expect_equal(truth + 3e-5, truth, "it")


def test_numbers_may_be_python_or_numpy_but_not_tensors():
    for value in (1.5, 3, np.float64(2.0), np.float32(2.0)):
        assert expect_number(value, "it") == float(value)
    for value, slug in [(torch.tensor(1.0), "tensor-not-number"), (None, "wrong-type")]:
        with pytest.raises(Mistake) as caught:
            expect_number(value, "it")
        assert caught.value.slug == slug
    with pytest.raises(Mistake):
        expect_close(float("nan"), 1.0, "it")


@pytest.mark.parametrize(
    ("value", "slug"),
    [
        (torch.tensor([1.0, 2.0]), "lost-precision"),
        (torch.tensor([1.0, 2.0], dtype=torch.float64) + 1e-8, "not-exact"),
        (torch.tensor([1.0, 3.0], dtype=torch.float64), "wrong-value"),
        ((number for number in (1.0, 2.0)), "wrong-type"),
    ],
)
def test_an_exact_value_is_exact_to_ten_digits(value, slug):
    truth = torch.tensor([1.0, 2.0], dtype=torch.float64)
    expect_exact(truth + 1e-11, truth, "it")
    with pytest.raises(Mistake) as caught:
        expect_exact(value, truth, "it")
    assert caught.value.slug == slug


@pytest.mark.parametrize("value", [None, 1.0, torch.zeros(2), (1,), (1, 2, 3), {1: 2, 3: 4}, "ab"])
def test_a_pair_has_two_parts(value):
    with pytest.raises(Mistake) as caught:
        expect_pair(value, "f", ("nll", "kl"))
    assert caught.value.slug == "wrong-type"


def test_every_misconception_of_the_bank_is_named_by_some_check():
    sources = [
        p.read_text(encoding="utf-8") for p in CHECKS.rglob("*.py") if p.stem != "misconceptions"
    ]
    used = set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)*)"', "\n".join(sources)))
    for part in ("encoder", "decoder"):
        used.add(f"{part}-not-moved")  # put together from the part's name
    assert set(MISCONCEPTIONS) - used == set()


KNOWN_ALONE = """
import importlib, sys
importlib.import_module(f"vae_checks.{sys.argv[1]}")
from vae_checks.misconceptions import MISCONCEPTIONS
print(*MISCONCEPTIONS)
"""


@pytest.mark.parametrize("lab", labs_with_answers())
def test_a_labs_checks_know_its_mistakes_when_no_other_lab_is_imported(lab):
    """As in a notebook, in a process of its own."""
    named = {answer.slug for answer in read(lab).wrong}
    command = [sys.executable, "-c", KNOWN_ALONE, lab.partition("-")[0]]
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert named - set(known) == set()


def test_no_misconception_is_defined_twice():
    files = [*CHECKS.rglob("misconceptions*.py"), CHECKS / "distortions.py"]
    banks = "".join(path.read_text(encoding="utf-8") for path in files)
    slugs = re.findall(r'^    "([a-z0-9-]+)":', banks, re.M)
    assert len(slugs) == len(set(slugs)) == len(MISCONCEPTIONS)


def test_sentences_of_the_bank_are_one_line():
    for slug, sentence in MISCONCEPTIONS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", slug)
        assert 20 < len(sentence) < 90
        assert sentence.endswith((".", ":"))
        assert "\n" not in sentence


def test_a_slug_that_the_bank_does_not_have_is_a_bug():
    with pytest.raises(UnknownSlug, match="'no-such-slug': is it misspelt, or does"):
        Mistake("no-such-slug", "seen")


def test_a_slug_without_a_bank_is_not_blamed_on_the_answer():
    class Third(Exercise):
        name, section = "third", "1.1"

        @idea("gives a third")
        def value(self, answer):
            verdict.call("third", answer, {"check": lambda: Mistake("no-such-slug", "seen")})

    with pytest.raises(UnknownSlug):
        Third().value(lambda check: check())


def test_checks_leave_the_random_stream_of_the_notebook_alone():
    """A check draws its fixtures from a generator of its own; only the answer's draws count."""
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    lab3.gaussian_kl(lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1))
    assert torch.equal(before, torch.random.get_rng_state())


def test_checks_work_where_gradients_are_switched_off():
    with torch.no_grad():
        lab3.reparameterize.pathwise(
            lambda mu, logvar: mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        )


def test_standard_normal_numbers_pass_and_scaled_ones_do_not():
    """False-alarm probability of the first line below 1e-7."""
    statistics.expect_standard_normal(torch.randn(4001, 5, dtype=torch.float64), "eps")
    with pytest.raises(Mistake) as caught:
        statistics.expect_standard_normal(1.2 * torch.randn(4001, 5, dtype=torch.float64), "eps")
    assert caught.value.slug == "noise-scale"


def test_a_bank_is_read_block_by_block(tmp_path):
    bank = tmp_path / "a-b.py"
    bank.write_text(
        "# about\n# %% right\nx = 1\n\n\n"
        "# %% wrong\n# slug: kl-sign\n# says: the sign\nx = 2\n\n\n"
        "# %% half wrong\n# loses: a-b-d\n# slug: kl-sign\n# says: the sign\nx = 3\n"
    )
    assert read_answers(bank, ["a-b-c", "a-b-d"]) == [
        Answer("a-b", "right", "x = 1\n"),
        Answer("a-b", "wrong", "x = 2\n", ("a-b-c", "a-b-d"), "kl-sign", "the sign"),
        Answer("a-b", "half wrong", "x = 3\n", ("a-b-d",), "kl-sign", "the sign"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", "no answer in it"),
        ("# %%no space\nx = 1\n", "bank.py:1"),
        ("# %% b\n# slug: c\nx = 1\n", "needs `slug` and `says`"),
        ("# %% b\n\n", "empty"),
        ("# %% b\nx = 1\n# %% b\nx = 1\n", "again"),
    ],
)
def test_a_bank_that_breaks_a_rule_gets_one_line_with_its_place(tmp_path, text, says):
    bank = tmp_path / "bank.py"
    bank.write_text(text, encoding="utf-8")
    with pytest.raises(VaeLabError, match=re.escape(says)) as caught:
        read_answers(bank, [])
    assert "\n" not in str(caught.value)


def test_a_file_of_the_bank_that_belongs_to_no_cell_is_named(tmp_path):
    (tmp_path / "doubel.py").write_text("# %% right\nx = 1\n")
    lab = read_lab(toy.FOLDER / "source/toy/toy.ipynb")
    with pytest.raises(VaeLabError, match=r"doubel.py: toy has no solution cell called 'doubel'"):
        read_bank(lab, tmp_path)
