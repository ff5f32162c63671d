"""Code as a tree: its places, patterns that match expressions, and trees with one place changed.

A pattern is an expression in which `_a`, `_b` ... stand for any expression, and `f(...)` for a
call of f with any arguments:

    >>> found = match(pattern("_a * _b"), pattern("2 * x.sum()"))
    >>> ast.unparse(filled("_b / _a", found))
    'x.sum() / 2'
"""

import ast
import copy
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

Bound = dict[str, ast.expr]
Path = tuple[tuple[str, int | None], ...]

_ANY = re.compile(r"_[a-z]")
_NOT_CODE = ("annotation", "returns", "decorator_list", "type_params")


@dataclass(frozen=True)
class Place:
    """A node of a tree, the way to it from the root, and the nodes above it."""

    path: Path
    node: ast.AST
    above: tuple[ast.AST, ...]

    @property
    def parent(self) -> ast.AST:
        return self.above[-1]

    @property
    def function(self) -> ast.FunctionDef | None:
        """The innermost function around it."""
        inside = (node for node in reversed(self.above) if isinstance(node, ast.FunctionDef))
        return next(inside, None)


def parsed(source: str) -> ast.Module:
    """The tree of `source`, without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list) or not body:
            continue
        first = body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        if is_text and isinstance(first.value.value, str) and (len(body) > 1):
            del body[0]
    return tree


def normal(source: str) -> str:
    """`source` as the tree spells it: without comments, docstrings and the layout of its lines."""
    return ast.unparse(parsed(source)) + "\n"


def places(tree: ast.AST) -> Iterator[Place]:
    """Every place of the tree that holds code, from the root on."""
    yield from _below(tree, (), ())


def _below(node: ast.AST, path: Path, above: tuple[ast.AST, ...]) -> Iterator[Place]:
    yield Place(path, node, above)
    above = (*above, node)
    for field, value in ast.iter_fields(node):
        if field in _NOT_CODE:
            continue
        if isinstance(value, ast.AST):
            yield from _below(value, (*path, (field, None)), above)
        elif isinstance(value, list):
            for number, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _below(each, (*path, (field, number)), above)


def changed(tree: ast.Module, path: Path, new: ast.AST | list[ast.stmt]) -> str:
    """The code of `tree` with `new` at `path`; a list of statements may replace a statement.

    Raises SyntaxError when that is no Python.
    """
    node: ast.AST = tree
    for field, number in path[:-1]:
        node = getattr(node, field) if number is None else getattr(node, field)[number]
    field, number = path[-1]
    old = getattr(node, field)
    if number is None:
        setattr(node, field, ast.fix_missing_locations(new))
    else:
        put = (new or [ast.Pass()]) if isinstance(new, list) else [new]
        for each in put:
            ast.fix_missing_locations(each)
        setattr(node, field, [*old[:number], *put, *old[number + 1 :]])
    try:
        source = ast.unparse(tree) + "\n"
    finally:
        setattr(node, field, old)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        compile(source, "<changed>", "exec")
    return source


@cache
def pattern(text: str) -> ast.expr:
    """The tree of an expression."""
    return ast.parse(text, mode="eval").body


def statements(text: str, bound: Bound | None = None) -> list[ast.stmt]:
    """Statements, with `bound` in place of their `_a`, `_b` ..."""
    return [_Fill(bound or {}).visit(each) for each in ast.parse(text).body]


def filled(text: str, bound: Bound) -> ast.expr:
    """The expression `text` with `bound` in place of its `_a`, `_b` ..."""
    return _Fill(bound).visit(copy.deepcopy(pattern(text)))


def match(wanted: ast.AST, node: ast.AST, bound: Bound | None = None) -> Bound | None:
    """What the `_a`, `_b` ... of a pattern stand for in `node`; None where it does not match."""
    bound = {} if bound is None else bound
    if isinstance(wanted, ast.Name) and _ANY.fullmatch(wanted.id):
        if not isinstance(node, ast.expr) or isinstance(node, ast.Starred):
            return None
        before = bound.setdefault(wanted.id, node)
        return bound if ast.dump(before) == ast.dump(node) else None
    if type(wanted) is not type(node):
        return None
    if isinstance(wanted, ast.Call) and ast.unparse(wanted).endswith("(...)"):
        return match(wanted.func, node.func, bound)
    for field, value in ast.iter_fields(wanted):
        if field in ("ctx", "kind"):
            continue
        other = getattr(node, field)
        pairs = [(value, other)]
        if isinstance(value, list):
            if len(value) != len(other):
                return None
            pairs = list(zip(value, other, strict=True))
        for one, two in pairs:
            if isinstance(one, ast.AST):
                if not isinstance(two, ast.AST) or match(one, two, bound) is None:
                    return None
            elif type(one) is not type(two) or one != two:
                return None
    return bound


class _Fill(ast.NodeTransformer):
    def __init__(self, bound: Bound) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.bound:
            return node
        new = copy.deepcopy(self.bound[node.id])
        if isinstance(new, ast.Name):
            new.ctx = node.ctx
        return new
