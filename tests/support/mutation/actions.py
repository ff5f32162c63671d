"""Rules that change what a function does besides its formula: statements, draws, gradients."""

import ast
import copy
from collections.abc import Iterator

from mutation.syntax import Place, filled, pattern, statements

# What is done by mistake to the noise, `_e`, or to the random numbers of a whole function.
_DRAWS = ("randn", "randn_like", "normal", "rsample", "sample")
DRAWN_WRONGLY = [
    *("_e * 0.5", "_e + 0.1", "_e ** 2", "_e.abs()", "_e.round()", "_e.clamp(-3, 3)", "0 * _e"),
    *("_e.clamp(-2, 2)", "(_e - _e.mean(0)) / _e.std(0)", "_e / _e.norm(dim=-1, keepdim=True)"),
    *("_e[:1].expand_as(_e)", "_e[..., :1].expand_as(_e)", "F.dropout(_e, 0.05)", "_e.sort(0)[0]"),
    *("torch.cat([_e[: (len(_e) + 1) // 2], -_e[: len(_e) // 2]])", "_e.roll(1, 0) + _e"),
    *("_e.float()", "_e.double()", "_e.half().to(_e.dtype)", "torch.sin(3 * _e)", "2 * _e - _e"),
    *("torch.cat([_e[: (len(_e) + 1) // 2], _e[: len(_e) // 2].flip(0)])", "_e.requires_grad_()"),
    *("torch.rand_like(_e)", "torch.rand_like(_e) * 12**0.5 - 3**0.5", "torch.randn(())"),
    "sum(torch.rand_like(_e) for _ in range(12)) - 6",
]

FIRST = {  # what may stand at the head of a function; _a is one of its arguments
    "in place": ["_a.mul_(0.5)", "_a += 0.001"],
    "detached": ["_a = _a.detach()"],
    "type": ["_a = _a.float()", "_a = _a.double()"],
    "cut": ["_a = _a[:1]", "_a = _a[:-1]", "_a = _a.clamp(-3, 3)", "_a = _a.mean(0, keepdim=True)"],
    "shape": ["_a = _a.view(-1, 784)", "_a = _a.flatten()", "_a = _a.flip(0)"],
    "turned": ["_a = -_a", "_a = _a.exp()", "_a = _a.round()"],
}
BEFORE_STEP = [
    "nn.utils.clip_grad_norm_(_m.parameters(), 0.01)",
    "nn.utils.clip_grad_value_(_m.parameters(), 0.001)",
    "_o.param_groups[0]['lr'] = 0.001",
    "_o.param_groups[0]['weight_decay'] = 0.1",
    "_o.param_groups[0]['momentum'] = 0.9",
    "_o.zero_grad()",
    "_o = torch.optim.SGD(_m.parameters(), lr=0.001)",
    "_o = torch.optim.Adam(_m.parameters(), lr=0.001)",
    "torch.optim.lr_scheduler.ConstantLR(_o, 0.5, 5)",
    "[p.grad.neg_() for p in _m.parameters()]",
    "[p.grad.mul_(2) for p in _m.parameters()]",
    "[p.grad.sign_() for p in _m.parameters()]",
]
LAYERS_BEFORE = [
    "nn.Dropout(0.5)(_e)",
    "F.normalize(_e, dim=-1)",
    "_e / 255",
    "_e.mean(0) + 0 * _e",
]

Made = Iterator[tuple[str, ast.AST | list[ast.stmt]]]


def draws(place: Place) -> Made:
    """Noise that is not what it should be."""
    node = place.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr not in _DRAWS:
        return
    for text in DRAWN_WRONGLY:
        yield "noise", filled(text, {"_e": node})


def removed(place: Place) -> Made:
    """A statement that is not there; a block without its head."""
    node = place.node
    if isinstance(node, (ast.Expr, ast.AugAssign, ast.Assign, ast.For, ast.Return)):
        yield "missing statement", []
    if isinstance(node, (ast.With, ast.If, ast.For)):
        yield "missing head", copy.deepcopy(node.body)


def repeated(place: Place) -> Made:
    """A statement done twice, or two in the other order."""
    node = place.node
    if isinstance(node, (ast.Expr, ast.AugAssign)):
        yield "statement twice", [node, copy.deepcopy(node)]


def reordered(place: Place) -> Made:
    """A block with two neighbours exchanged, or with one moved to its end."""
    body = getattr(place.node, "body", None)
    if not isinstance(body, list) or isinstance(place.node, ast.Module):
        return
    for number in range(len(body) - 1):
        for target in range(number + 1, len(body)):
            moved = copy.deepcopy(body)
            moved[number], moved[target] = moved[target], moved[number]
            new = copy.copy(place.node)
            new.body = moved
            yield "order", new


def loops(place: Place) -> Made:
    """A loop that ends too early, starts too late or goes the other way."""
    node = place.node
    if not isinstance(node, ast.For):
        return
    for text in ("list(_e)[:-1]", "list(_e)[1:]", "list(_e) * 2", "list(_e)[::-1]", "list(_e)[:1]"):
        yield "loop", [ast.For(node.target, filled(text, {"_e": node.iter}), node.body, [])]
    yield "loop", [ast.For(node.target, node.iter, [*node.body, ast.Break()], [])]
    function = place.function
    last = function.body[-1] if function else None
    if isinstance(last, ast.Return):
        yield "return in loop", [ast.For(node.target, node.iter, [*node.body, last], [])]


def accumulations(place: Place) -> Made:
    """`+=` that is another assignment."""
    node = place.node
    if isinstance(node, ast.AugAssign):
        yield "accumulation", [ast.Assign([node.target], node.value, lineno=0)]
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield "accumulation", [ast.AugAssign(node.target, other, node.value)]


def no_grad(place: Place) -> Made:
    """Gradients switched off around a statement, or not switched off by the decorator."""
    node = place.node
    if isinstance(node, (ast.Assign, ast.Return, ast.For)) and place.function:
        block = statements("with torch.no_grad():\n    pass")
        block[0].body = [node]
        yield "detached", block
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        new = copy.copy(node)
        new.decorator_list = []
        yield "missing head", new


def heads(place: Place) -> Made:
    """Something done to the arguments before anything else; a seed."""
    node = place.node
    if not isinstance(node, ast.FunctionDef) or node.name == "__init__":
        return
    yield "seed", _with_first(node, statements("torch.manual_seed(0)"))
    for argument in node.args.args:
        if argument.arg == "self":
            continue
        bound = {"_a": ast.Name(argument.arg, ast.Load())}
        for rule, texts in FIRST.items():
            for text in texts:
                yield rule, _with_first(node, statements(text, bound))
    for number in range(len(node.args.defaults)):
        new = copy.deepcopy(node)
        del new.args.defaults[number]
        yield "signature", new


def steps(place: Place) -> Made:
    """What is done to gradients, the optimizer or its rate before a step."""
    node, function = place.node, place.function
    if not isinstance(node, ast.Expr) or function is None:
        return
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    optimizer = call.func.value
    if call.func.attr != "step" or call.args or not isinstance(optimizer, ast.Name):
        return
    model = ast.Name(function.args.args[0].arg, ast.Load())
    for text in BEFORE_STEP:
        yield "step", [*statements(text, {"_m": model, "_o": optimizer}), node]


def backwards(place: Place) -> Made:
    """Another scalar differentiated: `loss.backward()`."""
    node = place.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr != "backward":
        return
    for text in ("(_e * 2)", "(_e * 0.5)", "(-_e)", "_e.sum()", "(_e ** 2)", "_e.exp()"):
        value = filled(text, {"_e": node.func.value})
        func = ast.Attribute(value, "backward", ast.Load())
        yield "factor", ast.Call(func, node.args, node.keywords)


def layers(place: Place) -> Made:
    """A network's layer without a bias, of another size, with something before it or behind it."""
    node, parent = place.node, place.above[-1] if place.above else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "Linear":
        bias = ast.keyword("bias", ast.Constant(False))
        yield "layer", ast.Call(node.func, node.args, [*node.keywords, bias])
        for text in ("nn.Sequential(_e, nn.ReLU())", "nn.Sequential(_e, nn.Tanh())", "[_e]",
                     "nn.Sequential(_e, nn.Sigmoid())", "_e.double()", "_e.requires_grad_(False)",
                     "nn.Sequential(_e, nn.Dropout(0.5))", "nn.Sequential(_e, nn.Softplus())",
                     "nn.Sequential(_e, nn.LayerNorm(_e.out_features))", "nn.Identity()",
                     "nn.Sequential(nn.Flatten(0), _e)", "nn.utils.weight_norm(_e)"):  # fmt: skip
            if parent is not None:
                yield "layer", filled(text.replace("_e.out_features", "_n"), _layer(node))
    elif _is_attribute_of_self(node.func) and len(node.args) == 1:
        for text in LAYERS_BEFORE:
            yield "layer", ast.Call(node.func, [filled(text, {"_e": node.args[0]})], [])


def attributes(place: Place) -> Made:
    """Another attribute of self in the place of one: a head for the other."""
    node, function = place.node, place.function
    if not isinstance(node, ast.Attribute) or not _is_attribute_of_self(node) or function is None:
        return
    if not isinstance(node.ctx, ast.Load):
        return
    stored = [
        each.attr
        for each in ast.walk(place.above[0])
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
    ]
    for name in dict.fromkeys(stored):
        if name != node.attr:
            yield "stale name", ast.Attribute(node.value, name, ast.Load())


def _layer(node: ast.Call) -> dict[str, ast.expr]:
    return {"_e": node, "_n": node.args[1] if len(node.args) > 1 else pattern("1")}


def _is_attribute_of_self(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _with_first(function: ast.FunctionDef, first: list[ast.stmt]) -> ast.FunctionDef:
    new = copy.copy(function)
    new.body = [*first, *function.body]
    return new
