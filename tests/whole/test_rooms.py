"""Imports go down the tower and through the rooms in one direction; a name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from places import PROJECT

PACKAGES = ("vae_helpers", "vae_zoo", "vae_checks", "vae_grading")
LONGEST = 350  # lines of a file

# A room is a package of the tower, a folder of vae_grading or a file beside those: what it may
# import. `cli`, which is above all others, may import any of them.
GROUND = {"vae_helpers", "atomic", "plain_text", "fork_server"}
MAY_IMPORT = {
    "vae_helpers": set(),
    "vae_zoo": {"vae_helpers"},
    "vae_checks": {"vae_helpers"},
    "vae_grading": set(),
    "atomic": {"vae_helpers"},
    "plain_text": set(),
    "fork_server": set(),
    "course": GROUND,
    "options": GROUND | {"course"},
    "open_lab": GROUND | {"course"},
    "submissions": GROUND | {"course"},
    "deliveries": GROUND | {"course", "submissions"},
    "protocol": GROUND,
    "student": GROUND | {"vae_checks", "protocol"},
    "sandbox": GROUND | {"protocol", "student"},
    "marks": GROUND | {"course", "deliveries"},
    "judge": GROUND
    | {"vae_checks", "protocol", "student", "sandbox", "submissions", "course", "marks"},
    "trial": GROUND | {"vae_checks", "student", "submissions", "course", "judge"},
    "grading": GROUND | {"judge", "sandbox", "submissions", "deliveries", "course", "marks"},
    "pages": GROUND | {"submissions", "deliveries", "course", "marks"},
    "returns": GROUND | {"deliveries", "course", "marks", "pages"},
    "training": GROUND | {"pages", "vae_zoo"},
    "demo": GROUND | {"grading", "pages", "sandbox", "course", "marks"},
}
# What every command of its own and every kind of walls has.
MEANT_TWICE = {"main", "fault", "behind"}


def files(project: Path) -> dict[str, Path]:
    """The modules of the project by their dotted names."""
    paths = (path for package in PACKAGES for path in (project / package).rglob("*.py"))
    dotted = ((".".join(path.relative_to(project).with_suffix("").parts), path) for path in paths)
    return {name.removesuffix(".__init__"): path for name, path in dotted}


def imports(path: Path, modules: dict[str, Path]) -> set[str]:
    """The project's modules that one of them imports, wherever in it, for types alone as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules else node.module for name in inside}
    return {name for name in found if name in modules}


def room(module: str) -> str:
    package, _, rest = module.partition(".")
    return (rest.partition(".")[0] or package) if package == "vae_grading" else package


def wrong_imports(project: Path) -> list[str]:
    """Each import that no room may make, by both names."""
    modules = files(project)
    return sorted(
        f"{name} imports {other}"
        for name, path in modules.items()
        for other in imports(path, modules)
        if room(name) not in ("cli", room(other)) and room(other) not in MAY_IMPORT[room(name)]
    )


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle of a graph, or nothing."""
    done, path = set(), []

    def walk(node: str) -> list[str]:
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        path.append(node)
        for following in sorted(graph.get(node, ())):
            if found := walk(following):
                return found
        path.pop()
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := walk(node))), [])


def test_every_import_goes_in_the_direction_that_the_table_has():
    assert wrong_imports(PROJECT) == []


def test_the_table_has_no_circle_and_every_room():
    assert circle(MAY_IMPORT) == []
    assert {room(name) for name in files(PROJECT)} == {*MAY_IMPORT, "cli"}


def test_no_files_import_each_other_in_a_circle():
    modules = files(PROJECT)
    graph = {name: imports(path, modules) - {name} for name, path in modules.items()}
    # A package's own file stands for its contents to those outside; inside, parts import parts.
    for name, path in modules.items():
        if path.stem == "__init__":
            graph = {each: {to for to in others if not each.startswith(f"{name}.") or to != name}
                     for each, others in graph.items()}  # fmt: skip
    assert circle(graph) == []


@pytest.mark.parametrize(
    ("place", "line", "said"),
    [
        (
            "vae_helpers/loss.py",
            "import vae_checks.values",
            "vae_helpers.loss imports vae_checks.values",
        ),
        (
            "vae_grading/sandbox/walls.py",
            "from vae_grading.judge import session",
            "vae_grading.sandbox.walls imports vae_grading.judge.session",
        ),
        (
            "vae_grading/marks/store.py",
            "def f():\n    from vae_grading.pages.report import report",
            "vae_grading.marks.store imports vae_grading.pages.report",
        ),
    ],
)
def test_a_planted_import_is_found_by_its_two_names(tmp_path, place, line, said):
    for path in files(PROJECT).values():
        target = tmp_path / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    (tmp_path / place).write_text(f"{line}\n", encoding="utf-8")
    assert wrong_imports(tmp_path) == [said]


def test_no_file_is_too_long_to_be_read_at_once():
    lengths = {name: len(path.read_text().splitlines()) for name, path in files(PROJECT).items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_a_long_file_of_tests_says_why_it_is():
    """A bank of answers is as long as there are mistakes; other tests are, with a reason."""
    texts = {path: path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("*.py")}
    long = {path for path, text in texts.items() if len(text.splitlines()) > LONGEST}
    heads = {path: ast.get_docstring(ast.parse(texts[path])) or "" for path in long}
    assert [path for path, head in heads.items() if f"Over {LONGEST} lines: " not in head] == []


def test_no_public_name_of_the_tools_is_defined_twice():
    places = defaultdict(list)
    for name, path in files(PROJECT).items():
        if room(name) in ("vae_helpers", "vae_checks", "cli"):
            continue  # named after what the student writes, and after what it calls
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                places[node.name].append(name)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in MEANT_TWICE} == {}


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
