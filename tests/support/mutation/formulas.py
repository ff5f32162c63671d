"""Rules that make a wrong formula of a right one: in an expression, one thing is another.

A rule yields what stands in the place of a node. What the patterns say is as small a slip as there
is; that a slip may be none (a factor 1, a sum of one term) is for the oracle to find.
"""

import ast
import copy
from collections.abc import Iterator

from mutation.syntax import Place, filled, match, pattern

SLIPS = {
    "sign": [
        ("_a + _b", "_a - _b"),
        ("_a - _b", "_a + _b", "_b - _a"),
        ("-_a", "_a"),
    ],
    "missing term": [
        ("_a + _b", "_a", "_b"),
        ("_a - _b", "_a", "-_b"),
    ],
    "factor": [
        ("_a * _b", "_a", "_b", "_a / _b", "_a + _b"),
        ("_a / _b", "_a", "_a * _b", "_b / _a"),
        ("_a // _b", "_a", "_a / _b", "-(-_a // _b)"),
    ],
    "power": [
        ("_a ** _b", "_a", "_a ** (_b + 1)", "_a * _b", "(_a ** _b) ** 2"),
        ("_a.square()", "_a", "_a ** 3", "2 * _a"),
        ("_a.sqrt()", "_a", "_a ** 2"),
    ],
    "matrix": [
        ("_a @ _b", "_b @ _a", "_a * _b", "_a @ _b.T", "_a.T @ _b"),
        ("_a.T", "_a"),
        ("_a.mT", "_a"),
    ],
    "shape": [
        ("_a[:, None]", "_a", "_a[None]"),
        ("_a[None]", "_a", "_a[:, None]"),
        ("_a[..., None]", "_a", "_a[None]"),
        ("_a.unsqueeze(_b)", "_a"),
        ("_a.squeeze(_b)", "_a"),
        ("_a[..., 0]", "_a", "_a[..., -1]", "_a[0]"),
        ("_a[0]", "_a", "_a[-1]", "_a[1]"),
        ("_a[-1]", "_a", "_a[0]", "_a[-2]"),
        ("_a[:-1]", "_a", "_a[1:]"),
        ("_a[1:]", "_a", "_a[:-1]"),
        ("_a.shape[_b]", "len(_a)", "_a.shape[_b - 1]", "_a.shape[_b + 1]"),
        ("len(_a)", "_a.shape[-1]", "_a.numel()", "(len(_a) - 1)", "(len(_a) + 1)"),
    ],
    "range": [
        ("range(_a)", "range(_a - 1)", "range(_a + 1)", "range(1, _a)", "range(1)"),
    ],
    "logarithm of a mean": [
        ("torch.logsumexp(_a, _d)", "torch.logsumexp(_a, _d) * 2", "_a.exp().sum(_d)"),
        ("torch.logsumexp(_a, dim=_d)", "_a.exp().sum(_d).log()", "_a.exp().sum(_d)"),
        ("torch.logsumexp(_a, dim=_d)", "_a.sum(_d)", "_a.mean(_d)", "_a.amax(_d)"),
        ("_a.logsumexp(_d)", "_a.exp().sum(_d).log()", "_a.sum(_d)", "_a.mean(_d)", "_a.amax(_d)"),
    ],
}

# What may stand around a value by mistake; E is the value.
AROUND = {
    "sign": ["-_e"],
    "factor": ["_e * 2", "_e * 0.5"],
    "epsilon": ["_e + 1e-6", "_e + 1e-3"],
    "function": ["_e.exp()", "_e.log()", "_e.sqrt()", "_e.abs()", "_e ** 2", "F.softplus(_e)"],
    "squashed": ["torch.sigmoid(_e)", "torch.tanh(_e)", "F.relu(_e)", "F.leaky_relu(_e)"],
    "clamp": ["_e.clamp(min=0)", "_e.clamp(-5, 5)", "_e.clamp(-30, 30)", "_e.clamp(min=1e-6)"],
    "rounded": ["_e.round()", "torch.nan_to_num(_e)"],
    "reduced": ["_e.sum()", "_e.mean()", "_e.sum(0)", "_e.mean(0)", "_e.sum(-1)", "_e.mean(-1)"],
    "shape": [
        "_e[0]",
        "_e[:1]",
        "_e.unsqueeze(0)",
        "_e.unsqueeze(-1)",
        "_e.flip(0)",
        "_e.flip(-1)",
    ],
    "detached": ["_e.detach()"],
    "type": ["_e.float()", "_e.half()", "_e.double()", "_e.long()", "_e.half().to(_e.dtype)"],
    "kind": ["_e.item()", "float(_e)", "_e.numpy()", "_e.tolist()", "[_e]", "None"],
}

# Functions and methods that are taken for one another.
CONFUSED = [
    ("sum", "mean", "prod", "amax", "amin", "std", "var", "median"),
    ("std", "var"),
    ("exp", "log", "sqrt", "square", "sigmoid", "tanh", "abs", "expm1"),
    ("log", "log2", "log10", "log1p"),
    ("sigmoid", "tanh", "relu", "softplus", "softmax"),
    ("relu", "sigmoid", "tanh", "leaky_relu", "softplus"),
    ("randn", "rand", "zeros", "ones"),
    ("randn_like", "rand_like", "zeros_like", "ones_like"),
    ("rsample", "sample"),
    ("randperm", "arange"),
    ("split", "chunk"),
    ("stack", "cat", "hstack"),
    ("train", "eval"),
    ("zero_grad", "step"),
    ("backward", "detach"),
    ("encode", "decode"),
    ("binary_cross_entropy_with_logits", "binary_cross_entropy", "mse_loss", "l1_loss"),
    ("log_prob", "cdf"),
    ("inv", "pinv", "cholesky"),
    ("slogdet", "logdet", "det"),
    ("Normal", "Laplace"),
    ("append", "extend"),
    ("no_grad", "enable_grad"),
]


def slips(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Wrong formulas by the table SLIPS, with the names of their rules."""
    for rule, table in SLIPS.items():
        for wanted, *wrong in table:
            bound = match(pattern(wanted), place.node)
            if bound is not None:
                yield from ((rule, filled(text, bound)) for text in wrong)


def constants(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Another number, truth value or word."""
    node = place.node
    if not isinstance(node, ast.Constant) or node.value is None or node.value is Ellipsis:
        return
    value = node.value
    if isinstance(value, bool):
        others: list[object] = [not value]
    elif isinstance(value, int):
        others = [value + 1, value - 1, 0, 2 * value, -value]
    elif isinstance(value, float):
        others = [2 * value, value / 2, -value, 0.0, 1.0, value + 1]
    elif isinstance(value, str):
        words = {each.value for each in ast.walk(place.above[0]) if isinstance(each, ast.Constant)}
        others = [*sorted(word for word in words if isinstance(word, str)), "mean", "sum"]
    else:
        return
    for other in dict.fromkeys(others):
        if other != value:
            yield "constant", ast.Constant(other)


def around(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Something done to a value that is returned or given a name."""
    node = place.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not _is_value(place):
        return
    for rule, texts in AROUND.items():
        yield from ((rule, filled(text, {"_e": node})) for text in texts)


def stale_names(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Another argument or local in place of a name, a callable for a callable."""
    node, function = place.node, place.function
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or function is None:
        return
    names = _names(function)
    called = {
        each.func.id
        for each in ast.walk(function)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
    }
    if node.id not in names:
        return
    for other in names:
        if other != node.id and (other in called) == (node.id in called):
            yield "stale name", ast.Name(other, ast.Load())


def single_names(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """One occurrence of a variable detached, cut off, or written out as a number."""
    node, function = place.node, place.function
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or function is None:
        return
    if node.id not in _names(function) or node.id in ("self", "_"):
        return
    parent = place.parent
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    texts = {"detached": ["_e.detach()"], "hard-coded": ["1", "2"], "clamp": ["_e.clamp(-10, 10)"]}
    texts["type"] = ["_e.float()"]
    texts["missing call"] = ["_e.exp()", "_e ** 2"]
    for rule, each in texts.items():
        yield from ((rule, filled(text, {"_e": node})) for text in each)


def confused_functions(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Another function or method of the same kind."""
    node = place.node
    if not isinstance(node, ast.Attribute):
        return
    others = [name for names in CONFUSED if node.attr in names for name in names]
    for name in dict.fromkeys(others):
        if name != node.attr:
            yield "confused function", ast.Attribute(node.value, name, ast.Load())


def calls(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """A call missing, made twice, or with other arguments."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    arguments = node.args
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield "missing call", node.func.value
        again = ast.Call(ast.Attribute(node, node.func.attr, ast.Load()), [], [])
        yield "call twice", again
    elif arguments and not isinstance(arguments[0], ast.Starred):
        yield "missing call", arguments[0]
        yield "call twice", ast.Call(node.func, [node, *arguments[1:]], node.keywords)
    for one in range(len(arguments)):
        for two in range(one):
            swapped = list(arguments)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            yield "swapped arguments", ast.Call(node.func, swapped, node.keywords)
    if arguments:
        yield "missing argument", ast.Call(node.func, arguments[:-1], node.keywords)
    for number in range(len(node.keywords)):
        kept = node.keywords[:number] + node.keywords[number + 1 :]
        yield "missing argument", ast.Call(node.func, arguments, kept)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean", "amax", "std"):
        others = [each for each in node.keywords if each.arg not in ("dim", "axis")]
        first = arguments[:1] if _is_module(node.func.value) else []
        for dim in ("0", "1", "-1", "(0, 1)", "-2"):
            keyword = ast.keyword("dim", copy.deepcopy(pattern(dim)))
            yield "axis", ast.Call(node.func, first, [*others, keyword])
        keep = ast.keyword("keepdim", ast.Constant(True))
        yield "axis", ast.Call(node.func, arguments, [*node.keywords, keep])


def comparisons(place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Another comparison; a condition turned around."""
    node = place.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.Is):
            if not isinstance(node.ops[0], other):
                yield "comparison", ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield "comparison", ast.BoolOp(other, node.values)
        yield from (("comparison", value) for value in node.values)
    elif isinstance(node, ast.IfExp):
        yield "comparison", node.body
        yield "comparison", node.orelse


def _is_value(place: Place) -> bool:
    node, parent = place.node, place.parent
    if isinstance(parent, (ast.Return, ast.Assign, ast.AugAssign)):
        return parent.value is node and not isinstance(node, (ast.Tuple, ast.Dict))
    if isinstance(parent, (ast.Tuple, ast.Dict)) and len(place.above) > 1:
        keys = parent.keys if isinstance(parent, ast.Dict) else ()
        return isinstance(place.above[-2], ast.Return) and node not in keys
    return False


def _is_module(node: ast.expr) -> bool:
    """Is this `torch`, `nn.functional`, `math` ..., as far as a name tells?"""
    if isinstance(node, ast.Attribute):
        return _is_module(node.value)
    known = ("torch", "F", "nn", "math", "np", "functional", "self", "super")
    return isinstance(node, ast.Name) and node.id in known


def _names(function: ast.FunctionDef) -> list[str]:
    """Arguments and locals of a function, in order."""
    given = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
    stored = [
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]
    return list(dict.fromkeys([*given, *stored]))
