"""Rewrites of an answer that keep what it does: other formulas, other names, other statements."""

import ast
import copy
from collections.abc import Iterator

from mutation.identities import EQUAL, UNTOUCHED
from mutation.mutants import Mutant, Rule, made
from mutation.syntax import Place, filled, match, pattern, places, statements

Rewritten = Iterator[tuple[str, ast.AST | list[ast.stmt]]]


def rewrites(key: str, answer: str, source: str, number: int | None = None) -> list[Mutant]:
    """Rewrites of `source` in one place; each differs from all others."""
    return made(RULES, key, answer, source, number)


def equal_formulas(place: Place) -> Rewritten:
    """By the table of identities."""
    if isinstance(getattr(place.node, "ctx", None), ast.Store):
        return
    for wanted, *others in EQUAL:
        bound = match(pattern(wanted), place.node)
        if bound is not None:
            yield from (("identity", filled(text, bound)) for text in others)


def untouched_values(place: Place) -> Rewritten:
    """A value passed through something that leaves it as it is."""
    node = place.node
    is_value = isinstance(place.parent, (ast.Return, ast.Assign)) and place.parent.value is node
    if not is_value or isinstance(node, (ast.Tuple, ast.Dict)):
        return
    if "pyro." not in ast.unparse(node):  # a site of a program would be there twice
        yield from (("untouched", filled(text, {"_e": node})) for text in UNTOUCHED)


def renamed_locals(place: Place) -> Rewritten:
    """Every local of a function under another name."""
    node = place.node
    if not isinstance(node, ast.FunctionDef):
        return
    given = {each.arg for each in node.args.args}
    stored = {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    new = copy.deepcopy(node)
    for each in ast.walk(new):
        if isinstance(each, ast.Name) and each.id in stored - given:
            each.id = f"my_{each.id}"
    yield "names", new


def extracted(place: Place) -> Rewritten:
    """Each part of a statement first given a name, or made a function's result."""
    node = place.node
    if not isinstance(node, (ast.Assign, ast.Return)) or node.value is None:
        return
    for inner in places(node.value):
        part = inner.node
        if not isinstance(part, (ast.BinOp, ast.Call)) or _is_inside_a_scope(inner, node.value):
            continue
        if not inner.path:
            continue
        whole = copy.deepcopy(node)
        _put(whole.value, inner.path, ast.Name("part", ast.Load()))
        yield "intermediate", [*statements("part = _e", {"_e": part}), whole]
        helper = statements("def helper():\n    return _e", {"_e": part})
        called = copy.deepcopy(node)
        _put(called.value, inner.path, pattern("helper()"))
        yield "helper", [*helper, called]


def inlined(place: Place) -> Rewritten:
    """A local that is used once, written out where it is used."""
    node = place.node
    if not isinstance(node, ast.FunctionDef):
        return
    for number, line in enumerate(node.body):
        if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
            continue
        name = line.targets[0].id
        uses = [each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id == name]
        if len(uses) != 2:
            continue
        new = copy.deepcopy(node)
        del new.body[number]
        yield "inlined", _Inline(name, line.value).visit(new)


class _Inline(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.value) if node.id == self.name else node


def other_statements(place: Place) -> Rewritten:
    """The same by other statements."""
    node = place.node
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        yield "statement", [ast.Assign([node.target], value, lineno=0)]
    if isinstance(node, ast.For):
        head = statements("rest = iter(_e)\nwhile True:\n    pass", {"_e": node.iter})
        step = statements("try:\n    pass\nexcept StopIteration:\n    break")
        step[0].body = [ast.Assign([node.target], pattern("next(rest)"), lineno=0)]
        head[1].body = [*step, *node.body]
        yield "loop", head
        for text in ("list(_e)", "tuple(_e)", "(each for each in _e)"):
            yield "loop", [ast.For(node.target, filled(text, {"_e": node.iter}), node.body, [])]
        counted = ast.Tuple([ast.Name("number", ast.Store()), node.target], ast.Store())
        yield "loop", [ast.For(counted, filled("enumerate(_e)", {"_e": node.iter}), node.body, [])]
    if isinstance(node, ast.Return) and node.value is not None:
        yield "statement", [*statements("result = _e\nreturn result", {"_e": node.value})]
        yield "statement", statements("try:\n    return _e\nfinally:\n    pass", {"_e": node.value})
        if isinstance(node.value, ast.Tuple):
            yield "statement", [ast.Return(ast.List(node.value.elts, ast.Load()))]
        if isinstance(node.value, ast.Dict):
            yield "statement", statements("return dict(_e)", {"_e": node.value})


def other_definitions(place: Place) -> Rewritten:
    """The same function as a lambda, behind a decorator, as an object that can be called."""
    node = place.node
    if not isinstance(node, ast.FunctionDef) or not isinstance(place.parent, ast.Module):
        return
    name = node.name
    only = node.body[0]
    if len(node.body) == 1 and isinstance(only, ast.Return) and not node.decorator_list:
        yield (
            "definition",
            [
                ast.Assign(
                    [ast.Name(name, ast.Store())], ast.Lambda(node.args, only.value), lineno=0
                )
            ],
        )
    wrapped = f"""
import functools
first = {name}
@functools.wraps(first)
def {name}(*arguments, **keywords):
    return first(*arguments, **keywords)
"""
    yield "definition", [node, *statements(wrapped)]
    as_object = f"class Answer:\n    def __call__(self):\n        pass\n{name} = Answer()"
    made = statements(as_object)
    method = copy.deepcopy(node)
    method.name = "__call__"
    method.args.args.insert(0, ast.arg("self"))
    made[0].body = [method]
    yield "definition", made
    if node.decorator_list and ast.unparse(node.decorator_list[0]) == "torch.no_grad()":
        new = copy.deepcopy(node)
        new.decorator_list = []
        block = statements("with torch.no_grad():\n    pass")
        block[0].body = new.body
        new.body = block
        yield "definition", [new]


def exchanged(place: Place) -> Rewritten:
    """Two neighbouring statements in the other order, where the oracle finds no difference."""
    body = getattr(place.node, "body", None)
    if not isinstance(body, list) or isinstance(place.node, ast.Module):
        return
    for number in range(len(body) - 1):
        if any(isinstance(each, ast.Expr) for each in body[number : number + 2]):
            continue  # what a call by itself does, as model.eval(), the oracle may not see
        if isinstance(body[number + 1], ast.Return):
            continue  # what stood before it would not run, where the oracle may not call it
        new = copy.deepcopy(place.node)
        new.body[number], new.body[number + 1] = new.body[number + 1], new.body[number]
        yield "order", new


RULES: tuple[Rule, ...] = (
    equal_formulas,
    untouched_values,
    renamed_locals,
    extracted,
    inlined,
    other_statements,
    other_definitions,
    exchanged,
)


def _is_inside_a_scope(inner: Place, root: ast.expr) -> bool:
    scopes = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp, ast.IfExp)
    return any(isinstance(each, scopes) for each in (*inner.above, inner.node))


def _put(root: ast.AST, path, new: ast.expr) -> None:
    node = root
    for field, number in path[:-1]:
        node = getattr(node, field) if number is None else getattr(node, field)[number]
    field, number = path[-1]
    if number is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[number] = new
