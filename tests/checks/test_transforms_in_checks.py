"""Answers that compile, transform or copy: what they compute counts, and no check ends in an error
of PyTorch's own. The banks of right answers hold such answers for every exercise."""

import os
import subprocess
import sys

import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

from vae_checks import CheckFailed, lab1, lab3
from vae_checks.lab1.recorder import Recorder
from vae_checks.uncompiled import uncompiled
from vae_checks.verdict import Mistake
from vae_checks.watching import watch

# torch's own, of its forward mode.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")


def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)


def test_compiled_code_runs_as_written_inside_and_is_compiled_outside():
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph.forward

    torch._dynamo.reset()
    double = torch.compile(lambda x: 2 * x, backend=backend)
    with uncompiled():
        assert double(torch.ones(2)).tolist() == [2, 2]
    assert compiled == []
    double(torch.ones(2))
    assert len(compiled) == 1


LATE = """
import os, sys, torch
from vae_checks import lab1
assert "torch._dynamo" not in sys.modules
def backend(graph, inputs):
    raise RuntimeError("there is no compiler")
def gaussian_kl(mu, logvar):
    f = lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return torch.compile(f, backend=backend, fullgraph=True)(mu, logvar)
lab1.gaussian_kl(gaussian_kl)
assert "torch._dynamo" in sys.modules
lab1.gaussian_kl(gaussian_kl)
print(os.environ.get("TORCH_COMPILE_DISABLE"), torch._dynamo.config.disable)
"""


def test_an_answer_that_compiles_when_it_is_called_needs_no_compiler():
    """In a process of its own, where nobody has imported the compiler; its switch stays."""
    kept = {key: value for key, value in os.environ.items() if key != "TORCH_COMPILE_DISABLE"}
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, env=kept)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "None False"


def product(note):
    """x'z of rows x (..., 3) and z (..., 3), noted."""

    def function(x, z):
        value = (x * z).sum(-1)
        watch(note, x.expand(*value.shape, 3), z.expand(*value.shape, 3), value)
        return value

    return function


X, Z = torch.rand(4, 3), torch.rand(5, 4, 3)
TRANSFORMED = {
    "plain": (lambda f: f(X, Z), (5, 4)),
    "vmap over samples": (lambda f: vmap(lambda z: f(X, z))(Z), (5, 4)),
    "vmap over images": (lambda f: vmap(f, in_dims=(0, 1))(X, Z), (4, 5)),
    "vmap in chunks": (lambda f: vmap(lambda z: f(X, z), chunk_size=5)(Z), (5, 4)),
    "nested vmap": (lambda f: vmap(vmap(f), in_dims=(None, 0))(X, Z), (5, 4)),
    "vmap of grad": (lambda f: vmap(grad(f, argnums=1))(X, Z[0]), (4,)),
    "vmap without a batch of x": (lambda f: vmap(lambda z: f(X[0], z))(Z[0]), (4,)),
    "jacrev": (lambda f: jacrev(lambda z: f(X, z))(Z), (5, 4)),
    "jacfwd": (lambda f: jacfwd(lambda z: f(X, z))(Z[0]), (4,)),
    "jvp": (lambda f: jvp(lambda z: f(X, z), (Z,), (Z,)), (5, 4)),
    "vjp": (lambda f: vjp(lambda z: f(X, z), Z), (5, 4)),
    "hessian": (lambda f: hessian(lambda z: f(X, z).sum())(Z[0]), (4,)),
}


@pytest.mark.parametrize("name", TRANSFORMED)
def test_what_is_watched_is_plain_whatever_torch_func_makes_of_it(name):
    """Oracle: the product of the rows that were noted is the value that was noted with them."""
    noted = []
    transformed, shape = TRANSFORMED[name]
    transformed(product(lambda *values: noted.append([each.tolist() for each in values])))
    assert len(noted) == 1
    x, z, value = (torch.tensor(each) for each in noted[0])
    assert value.shape == shape
    torch.testing.assert_close((x * z).sum(-1), value)


def test_what_is_watched_costs_no_gradient():
    """Oracle: the second derivative of (x'z)^2 by z is 2 x x'."""
    f = product(lambda *values: None)
    found = vmap(hessian(lambda z, x: f(x, z) ** 2))(Z[0], X)
    torch.testing.assert_close(found, 2 * X[:, :, None] * X[:, None])
    leaf = Z[0].clone().requires_grad_()
    (first,) = torch.autograd.grad((f(X, leaf) ** 2).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    torch.testing.assert_close(second, 2 * X * X.sum(1, keepdim=True))


def test_what_the_note_raises_goes_through_the_transformations():
    def note(*values):
        raise Mistake("nan", "it")

    with pytest.raises(Mistake, match="it"):
        vmap(vmap(product(note)), in_dims=(None, 0))(X, Z)


def test_a_recorder_under_vmap_knows_each_code_and_its_image():
    x, z = torch.rand(3, 2).double(), torch.rand(5, 3, 4).double()
    seen = Recorder("log_joint", lambda x, z: z.sum(-1) + x.sum(-1), x, 4)
    vmap(vmap(seen), in_dims=(None, 0))(x, z)
    assert torch.equal(seen.codes(5), z.transpose(0, 1))
    torch.testing.assert_close(seen.values(5), (z.sum(-1) + x.sum(-1)).T)
    with pytest.raises(Mistake, match="not a row of the argument x"):
        vmap(seen, in_dims=(0, 0))(x + 1, z[0])


class Refusing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value):
        return value.clone()

    @staticmethod
    def backward(ctx, gradient):
        raise RuntimeError("donated buffers\nand more of them")


class Broken(torch.nn.Linear):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__(data_dim, latent_dim)

    def forward(self, x):
        return super().forward(x), super().forward(x)

    def load_state_dict(self, *arguments, **keywords):
        raise TypeError("not of mine")


@pytest.mark.parametrize(
    ("check", "answer", "says"),
    [
        (
            lab1.gaussian_kl,
            lambda mu, logvar: Refusing.apply(gaussian_kl(mu, logvar)),
            "gaussian_kl gave raised RuntimeError: 'donated buffers and more",
        ),
        (
            lab1.gaussian_kl,
            lambda mu, logvar: gaussian_kl(mu, logvar).to_sparse(),
            "gaussian_kl gave raised",
        ),
        (lab3.encoder, Broken, "Encoder gave raised TypeError: 'not of mine'"),
    ],
    ids=["backward", "sparse", "module"],
)
def test_what_raises_only_when_the_result_is_used_is_a_verdict(check, answer, says):
    with pytest.raises(CheckFailed) as caught:
        check(answer)
    assert caught.value.slug == "unusable"
    assert says in caught.value.message
    assert len(caught.value.message.splitlines()) == 3
    assert caught.value.__context__ is None
