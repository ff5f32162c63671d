"""A lab's last cell: each exercise by the visible checks, on the objects that are defined now."""

import re
import warnings

import pytest
from lab_harness import labs_with_answers, model_names, read
from places import PROJECT

from vae_checks import lab1, standing
from vae_checks.released import Part, Task, released_labs, released_notebook, tasks
from vae_checks.standing import NOT_TRIED, RIGHT, WRONG, Found, Standing, judged, task_lines
from vae_grading.course.lab import read_lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, without
from vae_helpers.errors import VaeLabError

LABS = labs_with_answers()
LINE = re.compile(r"^([✓✗· ]) ((?:Exercise|Question) \d+) +(.+?) {3,}(.+)$", re.M)


@pytest.fixture(autouse=True)
def _a_person_runs_it(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def shown(capsys) -> dict[str, tuple[str, str]]:
    """Mark and end of each task's line, by "Exercise 1"."""
    return {name: (mark, end) for mark, name, _, end in LINE.findall(capsys.readouterr().out)}


def part(tests: str) -> Part:
    return Part("a-value", 2, tests)


@pytest.mark.parametrize("name", LABS)
def test_the_lab_s_own_table_of_exercises_and_points_is_what_is_read(name):
    """Oracle: the source notebook, read by the tools that grade."""
    lab = read_lab(PROJECT / "source" / name / f"{name}.ipynb")
    found = tasks(released_notebook(name))
    assert [(task.name, task.title, task.points, task.solutions) for task in found] == [
        (f"{each.word} {each.number}", each.plain_title, each.points, each.solutions)
        for each in lab.exercises
    ]
    assert [(p.grade_id, p.points) for task in found for p in task.parts] == [
        (cell.grade_id, cell.points) for cell in lab.graded if not cell.manual
    ]
    assert [task.is_written for task in found] == [each.kind == "manual" for each in lab.exercises]
    for task, each in zip(found, lab.exercises, strict=True):
        for cell in each.graded:
            assert task.solutions_of(cell.grade_id) == each.solutions_of(cell.grade_id)


@pytest.mark.parametrize("name", LABS)
def test_the_tests_are_those_that_students_see_and_no_others(name):
    cells = read_notebook(PROJECT / "source" / name / f"{name}.ipynb")["cells"]
    sources = {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in cells if c["metadata"]}
    parts = [part for task in tasks(released_notebook(name)) for part in task.parts]
    assert parts
    for each in parts:
        assert each.tests == without(sources[each.grade_id], [HIDDEN_TESTS]).rstrip()


def test_the_labs_of_the_course_are_known_and_no_other():
    assert set(released_labs()) == set(LABS)
    with pytest.raises(VaeLabError, match="there is no such lab here"):
        released_notebook("lab9-nothing")


@pytest.mark.parametrize("name", LABS)
def test_model_answers_have_every_tick_and_every_point_and_nothing_is_printed_but_the_lines(
    name, capfd
):
    lab = read_lab(PROJECT / "source" / name / f"{name}.ipynb")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Standing(name)(model_names(read(name)))
    out, err = capfd.readouterr()
    out = re.sub(r"   \d of them for the form of the answer alone", "", out)  # the diagnosis
    lines = {number: (mark, end) for mark, number, _, end in LINE.findall(out)}
    assert lines == {
        f"{each.word} {each.number}": (
            ("✓", f"{each.points:g} of {each.points:g}")
            if each.kind == "auto"
            else (" ", f"{each.points:g} by a person")
        )
        for each in lab.exercises
    }
    by_hand = sum(each.points for each in lab.exercises if each.kind == "manual")
    most = lab.points - by_hand
    assert re.search(
        rf"^So far {most:g} of {most:g} points(, \d of them for .* alone)?\.", out, re.M
    )
    assert f"up to {by_hand:g} more" in out
    assert err == ""


def test_with_nothing_defined_all_is_not_tried_and_a_line_says_what_to_do(capsys):
    lab1.standing({})
    out = capsys.readouterr().out
    assert "✓" not in out
    assert "✗" not in out
    judged_ones = [task for task in tasks(released_notebook("lab1-elbo")) if not task.is_written]
    assert out.count("not tried") == len(judged_ones)
    assert f"So far 0 of {sum(task.points for task in judged_ones):g} points." in out
    assert "run the cells above first" in out


def test_an_untouched_cell_is_not_tried_a_wrong_answer_is_told_and_half_right_has_half(capsys):
    def untouched(*arguments):
        raise NotImplementedError

    def half(mu, logvar):  # with the values that are asked for, and no gradient
        return model_names(read("lab1-elbo"))["gaussian_kl"](mu, logvar).detach()

    def crashes(*arguments):
        print("noise")
        raise SystemExit

    names = model_names(read("lab1-elbo"))
    number = {
        key: task.name for task in tasks(released_notebook("lab1-elbo")) for key in task.solutions
    }
    names |= {"log_joint": untouched, "gaussian_kl": half, "entropy": crashes, "log_q": 3}
    del names["climb"]
    lab1.standing(names)
    out = capsys.readouterr().out
    found = {name: (mark, end) for mark, name, _, end in LINE.findall(out)}
    assert found[number["log-joint"]] == ("·", "0 of 4   not tried")
    assert found[number["naive-log-evidence"]] == ("✓", "4 of 4")
    assert found[number["gaussian-kl"]] == ("✗", "2 of 3")
    assert found[number["log-q"]] == ("✗", "0 of 3")
    assert found[number["entropy"]] == ("✗", "0 of 1")
    assert found[number["climb"]] == ("·", "0 of 4   not tried")
    assert re.search(
        number["gaussian-kl"] + r" .*\n    ✗ gaussian_kl: .*\n      .*\n      See section", out
    )
    assert "noise" not in out
    assert "run the cells above first" not in out


def test_the_verdict_is_of_now_and_not_of_an_earlier_run(capsys):
    names = model_names(read("lab1-elbo"))
    (task,) = [t for t in tasks(released_notebook("lab1-elbo")) if "entropy" in t.solutions]
    lab1.standing(names)
    assert shown(capsys)[task.name][0] == "✓"
    lab1.standing(names | {"entropy": lambda logvar: 0 * logvar.sum(-1)})
    assert shown(capsys)[task.name][0] == "✗"


def test_a_notebook_s_own_lab1_is_not_believed():
    names = {"lab1": None, "entropy": None}
    assert judged(part("lab1.entropy.value(entropy)"), names).state == WRONG


@pytest.mark.parametrize(
    ("tests", "found"),
    [
        ("assert half(4) == 2", (RIGHT, "")),
        ("assert half(4) == 3, 'three'", (WRONG, "AssertionError: three")),
        ("assert double(4) == 8", (NOT_TRIED, "double is not defined")),
        ("raise NotImplementedError", (NOT_TRIED, "")),
        ("assert broken(4) == 8", (WRONG, "NameError: name 'inner' is not defined")),
        ("half(4).x", (WRONG, "AttributeError: 'float' object has no attribute 'x'")),
        ("exit_()", (WRONG, "SystemExit: 3")),
    ],
)
def test_a_course_s_own_tests_are_told_as_well(tests, found):
    def broken(x):
        return inner * x  # noqa: F821

    def exit_():
        raise SystemExit(3)

    names = {"half": lambda x: x / 2, "broken": broken, "exit_": exit_}
    state, said, by_check = judged(part(tests), names)
    assert (state, said.removeprefix("✗ The check stopped with ")) == found
    assert not by_check


def test_what_was_done_of_an_exercise_in_parts_counts_and_the_rest_is_not_tried():
    parts = (Part("a-one", 1, ""), Part("a-two", 2, ""))
    task = Task("Exercise 1", "Both", ("a",), parts, 3)
    found = {"a-one": Found(RIGHT), "a-two": Found(NOT_TRIED)}
    assert list(task_lines(task, found, 4)) == [
        "· Exercise 1   Both   1 of 3   the rest was not tried"
    ]
    found["a-one"] = Found(WRONG, "✗ one: It is None.")
    line, said = task_lines(task, found, 4)
    assert line == "✗ Exercise 1   Both   0 of 3   a part was not tried"
    assert said.strip() == "✗ one: It is None."


def test_points_for_the_form_of_an_answer_are_told_as_such():
    parts = (Part("a-key", 2, "lab3.diagnosis.form(diagnosis)"), Part("a-value", 1, "x.value(x)"))
    task = Task("Exercise 1", "Both", ("a",), parts, 3)
    found = {"a-key": Found(RIGHT), "a-value": Found(RIGHT)}
    assert list(task_lines(task, found, 4)) == [
        "✓ Exercise 1   Both   3 of 3   2 of them for the form of the answer alone"
    ]
    (total,) = standing.total_lines([task], found)
    assert total.startswith("So far 3 of 3 points, 2 of them for the form of an answer alone. ")
    found["a-key"] = Found(WRONG, "✗ key: It is None.")
    assert "form" not in "".join(standing.total_lines([task], found))


def test_each_object_that_is_wrong_is_told_and_each_once():
    said = ["✗ one: first", "✗ one: second", "✗ two: third"]
    parts = tuple(Part(f"a-{number}", 1, "") for number in range(3))
    found = {f"a-{number}": Found(WRONG, words) for number, words in enumerate(said)}
    lines = list(task_lines(Task("Exercise 1", "Both", ("a",), parts, 3), found, 4))
    assert lines[1:] == ["    ✗ one: first", "    ✗ two: third"]


def test_ctrl_c_ends_it_with_a_line(capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(standing, "judged", interrupted)
    lab1.standing({})
    assert capsys.readouterr().out.endswith("Stopped: the exercises below were not looked at.\n")


def test_where_nbgrader_runs_the_notebook_nothing_is_run(capsys, monkeypatch):
    def never(*arguments):
        raise AssertionError("looked at")

    monkeypatch.setattr(standing, "judged", never)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    lab1.standing({})
    assert capsys.readouterr() == ("", "")
