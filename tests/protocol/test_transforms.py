"""A call of another process under torch.func gives what torch gives for the function itself.

`across` stands for the other process: it sees plain tensors only, and computes with copies of them,
whose graph its results hang on. All is in one process here; tests/judge and the banks of answers
hold the same with two.
"""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch._C import _functorch
from torch.autograd import forward_ad
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap
from torch.utils._pytree import tree_flatten

from vae_grading.protocol.transforms import (
    MOST_LEVELS,
    by_what_crosses,
    call_transformed,
    is_transformed,
    map_over,
)

# torch's own, of its forward mode.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")


def across(function, calls=None):
    """`function` as one of the other end's; `calls` gets the shapes that each call brings."""

    def call(arguments, levels):
        tensors = [each for each in tree_flatten(arguments)[0] if isinstance(each, Tensor)]
        for each in tensors:  # what has no data cannot be sent
            assert not _functorch.is_functorch_wrapped_tensor(each)
            each.data_ptr()
        if calls is not None:
            calls.append([tuple(each.shape) for each in tensors])
        assert not is_transformed()
        return map_over(function, arguments, tensors, levels)

    def called(*arguments):
        if is_transformed(arguments):
            return call_transformed(call, arguments)
        return function(*arguments)

    return called


def cubic(x, z):
    """By x and z in every order, of rows (3,)."""
    return (x**2 * z).sum(-1) + (z**3).sum(-1) * x[..., 0]


def kl(x, z):
    return 0.5 * (x**2 + z.exp() - 1 - z).sum(-1)


def angle(x, z):
    return (torch.sin(x) * torch.tanh(z) + x.prod(-1, keepdim=True)).sum(-1)


FUNCTIONS = {"cubic": cubic, "kl": kl, "angle": angle}
X = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3)
Z = torch.linspace(-0.5, 2, 60, dtype=torch.float64).reshape(5, 4, 3)
TRANSFORMATIONS = {
    "vmap": lambda f: vmap(f)(X, Z[0]),
    "vmap over the other dimension": lambda f: vmap(f, in_dims=(0, 1))(X, Z),
    "vmap of one argument": lambda f: vmap(f, in_dims=(None, 0))(X, Z),
    "vmap in chunks": lambda f: vmap(lambda z: f(X, z), chunk_size=2)(Z),
    "vmap of vmap": lambda f: vmap(vmap(f), in_dims=(None, 0))(X, Z),
    "vmap to another place": lambda f: vmap(vmap(f), in_dims=(None, 0), out_dims=1)(X, Z),
    "grad": lambda f: grad(lambda z: f(X, z).sum())(Z),
    "grad by both": lambda f: grad(lambda x, z: f(x, z).sum(), argnums=(0, 1))(X, Z),
    "vmap of grad": lambda f: vmap(grad(f, argnums=(0, 1)))(X, Z[0]),
    "grad of grad": lambda f: vmap(
        grad(lambda z, x: grad(f, argnums=1)(x, z).sum())
    )(Z[0], X),
    "vjp": lambda f: vjp(f, X, Z)[1](torch.ones(5, 4, dtype=X.dtype)),
    "jvp": lambda f: jvp(f, (X, Z[0]), (Z[1], X)),
    "jvp by one": lambda f: jvp(lambda z: f(X, z), (Z,), (Z + 1,)),
    "jvp of jvp": lambda f: jvp(lambda x: jvp(lambda z: f(x, z), (Z[0],), (X,))[1], (X,), (Z[1],)),
    "jacrev": lambda f: jacrev(lambda z: f(X, z))(Z[0]),
    "jacfwd": lambda f: jacfwd(lambda z: f(X, z))(Z[0]),
    "jacobian by both": lambda f: jacrev(f, argnums=(0, 1))(X, Z[0]),
    "hessian": lambda f: hessian(lambda z: f(X, z).sum())(Z[0]),
    "hessian, reverse over reverse": lambda f: jacrev(jacrev(lambda z: f(X, z).sum()))(Z[0]),
    "hessian, forward over forward": lambda f: jacfwd(jacfwd(lambda z: f(X[0], z)))(Z[0, 0]),
    "vmap of hessian": lambda f: vmap(hessian(f, argnums=1))(X, Z[0]),
    "third derivatives": lambda f: jacrev(hessian(lambda z: f(X[0], z)))(Z[0, 0]),
    "jvp under vmap": lambda f: vmap(lambda x, z: jvp(lambda y: f(x, y), (z,), (x,))[1])(X, Z[0]),
    "vjp under jvp": lambda f: jvp(grad(lambda z: f(X, z).sum()), (Z[0],), (X,)),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMATIONS)
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_transformed_call_gives_what_torch_gives_in_one_process(function, name):
    transformed = TRANSFORMATIONS[name]
    calls = []
    found, expected = transformed(across(function, calls)), transformed(function)
    assert calls
    _assert_alike(found, expected)


def _assert_alike(found, expected):
    found, structure = tree_flatten(found)
    expected, structure_expected = tree_flatten(expected)
    assert structure == structure_expected
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


ONE_STEP = {
    "vmap": lambda f: lambda x: vmap(f)(torch.stack([x, 2 * x])).sum(0),
    "grad": lambda f: grad(lambda x: f(x).sum()),
    "jvp": lambda f: lambda x: jvp(f, (x,), (x.cos(),))[1],
    "jacrev": lambda f: lambda x: jacrev(f)(x).sum(0),
    "jacfwd": lambda f: lambda x: jacfwd(f)(x).sum(0),
    "vjp": lambda f: lambda x: vjp(f, x)[1](x)[0],
}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(sorted(ONE_STEP)), min_size=1, max_size=3))
def test_so_does_any_transformation_of_transformations(steps):
    """Each of them makes of a function of a vector another one."""

    def function(x):
        return x.sin() * x.flip(-1) ** 2

    ours, theirs = across(function), function
    for step in steps:
        ours, theirs = ONE_STEP[step](ours), ONE_STEP[step](theirs)
    torch.testing.assert_close(ours(X[1]), theirs(X[1]))


def test_a_batch_crosses_as_one():
    for transformed, shapes in (
        (lambda f: vmap(vmap(f), in_dims=(None, 0))(X, Z), [[(5, 4, 3), (5, 4, 3)]]),
        (lambda f: vmap(grad(f, argnums=1))(X, Z[0]), [[(4, 3), (4, 3)]]),
    ):
        calls = []
        transformed(across(cubic, calls))
        assert calls == shapes


def test_the_other_end_sees_rows_under_its_own_vmap():
    """A function that looks at shapes, or says `sum()`, is given what it would be given here."""
    seen = []

    def function(x):
        seen.append(tuple(x.shape))
        return x.sum() * 2

    assert vmap(vmap(across(function)))(Z).shape == (5, 4)
    assert seen == [(3,)]


def test_other_arguments_and_results_of_any_structure_cross():
    def function(pair, factor, *, names):
        return {"sum": pair["a"] + factor * pair["b"], "rest": (names, pair["a"])}

    def call(arguments, levels):
        tensors = [each for each in tree_flatten(arguments)[0] if isinstance(each, Tensor)]
        return map_over(lambda pair, factor: only_tensors(pair, factor), arguments, tensors, levels)

    def only_tensors(pair, factor):
        found = function(pair, factor, names="x")
        return [found["sum"], {"again": found["rest"][1]}]

    total, rest = vmap(lambda a, b: call_transformed(call, ({"a": a, "b": b}, 3)))(X, Z[0])
    torch.testing.assert_close(total, X + 3 * Z[0])
    torch.testing.assert_close(rest["again"], X)


def test_an_argument_that_is_returned_is_a_result():
    torch.testing.assert_close(vmap(across(lambda x: x))(X), X)
    torch.testing.assert_close(grad(lambda x: across(lambda y: y)(x).sum())(X), torch.ones_like(X))


@pytest.mark.parametrize("result", [None, 3.0, [], {"a": "text"}], ids=str)
def test_a_function_that_gives_no_tensors_is_told_so(result):
    with pytest.raises(TypeError, match="has to return tensors"):
        grad(across(lambda x: result))(X)


def test_integers_go_through_and_have_no_derivative():
    places = torch.tensor([[2], [0], [1], [2]])

    def look_up(x, place):
        return (x.gather(0, place) ** 2).sum()

    for transform in (lambda f: vmap(f), lambda f: vmap(grad(f))):
        found, expected = (transform(each)(X, places) for each in (across(look_up), look_up))
        torch.testing.assert_close(found, expected)


def test_a_result_that_hangs_on_nothing_has_the_gradient_zero():
    constant = across(lambda x: torch.ones((), dtype=x.dtype) + 0 * x.detach().sum())
    assert grad(constant)(X).abs().sum() == 0
    assert jvp(constant, (X,), (X,))[1] == 0


def test_ordinary_gradients_go_through_the_transformations():
    """A leaf outside of them, as a parameter is, gets its gradient."""
    found, expected = (nn.Parameter(X[0].clone()) for _ in range(2))
    for leaf, function in ((found, across(cubic)), (expected, cubic)):
        vmap(function, in_dims=(None, 0))(leaf, Z[0]).sum().backward()
    torch.testing.assert_close(found.grad, expected.grad)


def test_each_row_draws_numbers_of_its_own():
    noise = vmap(across(lambda x: x + torch.randn_like(x)), randomness="different")(torch.zeros(9))
    assert len(set(noise.tolist())) == 9


def test_what_is_transformed_is_known():
    assert not is_transformed()
    assert not is_transformed([X, {"a": 3}])
    seen = []
    vmap(lambda x: (seen.append(is_transformed()), x)[1])(X)
    assert seen == [True]
    with forward_ad.dual_level():
        assert not is_transformed([X])
        assert is_transformed([3, {"a": forward_ad.make_dual(X, X)}])


def test_a_tangent_goes_through():
    """Forward mode without torch.func."""
    with forward_ad.dual_level():
        duals = forward_ad.make_dual(X, Z[0]), forward_ad.make_dual(Z[1], X)
        found, expected = (
            forward_ad.unpack_dual(each(*duals)).tangent for each in (across(cubic), cubic)
        )
    torch.testing.assert_close(found, expected)


def test_torchs_older_vmap_is_refused_instead_of_giving_zeros():
    from torch._vmap_internals import _vmap

    refused = []

    def function(x):
        try:
            return call_transformed(lambda arguments, levels: arguments[0], (x,))
        except NotImplementedError as error:
            refused.append(str(error))
            return x

    _vmap(function)(X)
    assert refused
    assert "does not see through" in refused[0]


@pytest.mark.parametrize("levels", [-1, MOST_LEVELS + 1, 10**9])
def test_the_other_end_cannot_ask_for_vmaps_without_end(levels):
    with pytest.raises(ValueError, match="vmaps"):
        map_over(lambda x: x, (X,), [X], levels)


def test_map_over_maps_what_it_is_told_and_nothing_else():
    shapes = []

    def function(x, z, factor):
        shapes.append((tuple(x.shape), tuple(z.shape)))
        return (x * z).sum() * factor

    found = map_over(function, (X, Z, 2), [X], 1)
    torch.testing.assert_close(found, torch.stack([(row * Z).sum() * 2 for row in X]))
    map_over(function, (X, Z[:4], 2), [X, Z[:4]], 0)
    assert shapes == [((3,), (5, 4, 3)), ((4, 3), (4, 4, 3))]
    deep = torch.ones((1,) * MOST_LEVELS)
    assert map_over(lambda x: x * 2, (deep,), [deep], MOST_LEVELS).tolist() == (2 * deep).tolist()


@pytest.fixture
def crossing(monkeypatch):
    """torch as it is in a process whose functions are another's."""
    monkeypatch.setattr(torch.func, "linearize", torch.func.linearize)
    linearize = torch._functorch.eager_transforms.linearize
    monkeypatch.setattr(torch._functorch.eager_transforms, "linearize", linearize)
    jacobian = torch.autograd.functional.jacobian
    monkeypatch.setattr(torch.autograd.functional, "jacobian", jacobian)
    by_what_crosses()


@pytest.mark.usefixtures("crossing")
def test_linearize_sees_through_a_call():
    value, pushed = torch.func.linearize(lambda z: across(cubic)(X, z), Z[0])
    expected = jvp(lambda z: cubic(X, z), (Z[0],), (X,))
    torch.testing.assert_close((value, pushed(X)), expected)


@pytest.mark.usefixtures("crossing")
@pytest.mark.parametrize(
    "options",
    [{}, {"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"}],
    ids=["rows", "vectorized", "forwards"],
)
def test_jacobians_of_autograd_are_torchs_own(options):
    found = torch.autograd.functional.jacobian(lambda z: cubic(X, z), Z[0], **options)
    torch.testing.assert_close(found, jacrev(lambda z: cubic(X, z))(Z[0]))


@pytest.mark.usefixtures("crossing")
def test_a_jacobian_forwards_sees_through_a_call():
    options = {"vectorize": True, "strategy": "forward-mode"}
    found = torch.autograd.functional.jacobian(lambda z: across(cubic)(X, z), Z[0], **options)
    torch.testing.assert_close(found, jacrev(lambda z: cubic(X, z))(Z[0]))


def test_the_graph_of_a_call_is_asked_for_once():
    """A gradient needs the call's graph, which is kept: the other end is not called anew."""
    calls = []
    vjp(across(cubic, calls), X, Z[0])[1](torch.ones(4, dtype=X.dtype))
    assert len(calls) == 1
