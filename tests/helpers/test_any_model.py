"""fit and evaluate with models as people write them: compiled, lazy, with another forward."""

import copy
import shutil

import pytest
import torch
from torch import nn

from vae_helpers import VAE, VaeLabError, evaluate, fit, log_likelihood

IMAGES = torch.rand(23, 7)
COMPILERS = ("g++", "c++", "clang++", "cl")


def small_vae(**sizes):
    return VAE(**{"latent_dim": 2, "hidden_dim": 5, "data_dim": 7} | sizes)


def small_fit(model, images=IMAGES, **arguments):
    defaults = {"epochs": 2, "batch_size": 5, "progress": False, "device": "cpu"}
    return fit(model, images, **defaults | arguments)


class Own(nn.Module):
    """Somebody's own model; `layer` makes its layers, `returned` is what forward gives."""

    def __init__(self, layer=lambda size_in, size_out: nn.Linear(size_in, size_out)):
        super().__init__()
        self.hidden, self.mu, self.logvar = layer(7, 5), layer(5, 2), layer(5, 2)
        self.logits = layer(2, 7)
        self.returned = lambda logits, mu, logvar, z: (logits, mu, logvar)

    def forward(self, x):
        h = torch.relu(self.hidden(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        return self.returned(self.logits(z), mu, logvar, z)


def lazy():
    return Own(lambda size_in, size_out: nn.LazyLinear(size_out))


@pytest.fixture(autouse=True)
def _compiled_anew():
    torch._dynamo.reset()


def compiled_in_place(model):
    model.compile(backend="eager")
    return model


@pytest.mark.parametrize(
    ("make", "compiled"),
    [
        (small_vae, lambda model: torch.compile(model, backend="aot_eager")),
        (small_vae, lambda model: torch.compile(model, backend="eager", dynamic=True)),
        (small_vae, lambda model: torch.compile(model, backend="eager", fullgraph=True)),
        (small_vae, compiled_in_place),
        (Own, lambda model: torch.compile(model, backend="eager")),
    ],
    ids=["aot_eager", "dynamic", "fullgraph", "in place", "own"],
)
def test_a_compiled_model_is_trained_for_batches_of_any_size(make, compiled):
    """The weights move, those of the model that was compiled, and the last batch is short."""
    model = make()
    before = copy.deepcopy(model.state_dict())
    history = small_fit(compiled(model), test_images=IMAGES[:3])
    assert len(history.test_nll) == 2
    assert not any(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert evaluate(compiled(model), IMAGES, batch_size=9).nll > 0


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="needs a C++ compiler")
def test_the_default_compiler_learns_what_the_model_itself_learns():
    """Oracle: the same model without torch.compile, from the same weights and noise."""
    start = small_vae()
    losses = []
    for wrap in (lambda model: model, lambda model: torch.compile(model)):
        model = copy.deepcopy(start)
        small_fit(wrap(model), epochs=30, learning_rate=0.01)
        noise = torch.Generator().manual_seed(1)
        losses.append(evaluate(model, IMAGES.repeat(200, 1), generator=noise).loss)
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_a_compiled_model_gives_all_that_the_model_gives():
    model = torch.compile(small_vae(), backend="aot_eager").eval()
    assert log_likelihood(model, (IMAGES > 0.5).float(), 5).shape == (23,)
    assert model.sample(3).shape == (3, 7)
    assert model.reconstruct(IMAGES).shape == (23, 7)
    assert not model.training


def test_a_compiled_model_that_diverges_gets_its_weights_back():
    model = small_vae()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(VaeLabError, match="training diverged"):
        small_fit(torch.compile(model, backend="eager"), learning_rate=1e9)
    torch.testing.assert_close(model.state_dict(), before)


@pytest.mark.parametrize("fullgraph", [False, True])
def test_what_is_wrong_with_the_images_is_said_for_a_compiled_model_too(fullgraph):
    model = torch.compile(small_vae(data_dim=6), backend="eager", fullgraph=fullgraph)
    with pytest.raises(VaeLabError, match=r"images: expected shape \(B, 6\), got \(5, 7\)"):
        small_fit(model)


def test_a_compiler_that_fails_is_told_in_one_line():
    def broken(graph, inputs):
        raise RuntimeError("No working C++ compiler found\nand more")

    with pytest.raises(VaeLabError, match=r"torch\.compile failed.*backend='aot_eager'") as caught:
        small_fit(torch.compile(small_vae(), backend=broken))
    assert "No working C++ compiler" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lazy_layers_get_their_weights():
    model = lazy()
    history = small_fit(model, test_images=IMAGES)
    assert len(history) == 2
    assert model.hidden.weight.shape == (5, 7)
    assert model.training
    assert evaluate(lazy(), IMAGES).nll > 0


def test_a_model_of_two_dtypes_is_given_the_images_as_they_are():
    """As float32, in which most people have them, whatever the first layer is made of."""

    class Two(Own):
        def __init__(self):
            super().__init__()
            self.hidden.double()

        def forward(self, x):
            assert x.dtype == torch.float32
            mu, logvar = self.mu(h := self.hidden(x.double()).float()), self.logvar(h)
            return self.logits(mu), mu, logvar

    assert len(small_fit(Two(), test_images=IMAGES)) == 2


def test_lazy_layers_get_their_weights_from_the_generator():
    models = [lazy(), lazy()]
    for model in models:
        small_fit(model, generator=torch.Generator().manual_seed(1))
    assert torch.equal(*(model.mu.weight for model in models))


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (lambda logits, mu, logvar, z: (logits, mu, logvar, z), "got a tuple of 4"),
        (lambda logits, mu, logvar, z: (logits, mu), "got a tuple of 2"),
        (lambda logits, mu, logvar, z: logits, r"got a tensor of shape \(5, 7\)"),
        (lambda logits, mu, logvar, z: None, "got None"),
        (lambda logits, mu, logvar, z: {"x": logits, "mu": mu, "z": z}, "got a dict of 3"),
        (lambda logits, mu, logvar, z: (logits, mu, 0.0), r"logvar is 0\.0"),
        (lambda logits, mu, logvar, z: (logits.long(), mu, logvar), r"logits is torch\.int64"),
        (lambda logits, mu, logvar, z: (mu, logvar, logits), r"logits \(5, 7\), as the images"),
        (lambda logits, mu, logvar, z: (logits[:3], mu, logvar), r"got \(3, 7\), \(5, 2\)"),
        (lambda logits, mu, logvar, z: (logits, mu[:1], logvar[:1]), r"got \(5, 7\), \(1, 2\)"),
        (lambda logits, mu, logvar, z: (logits, mu, logvar[:, 0]), r"and \(5,\)"),
        (lambda logits, mu, logvar, z: (logits, mu.sum(1), logvar.sum(1)), r"\(5,\) and \(5,\)"),
    ],
)
def test_a_forward_that_returns_something_else_is_told_what_it_must_return(returned, says):
    model = Own()
    model.returned = returned
    for use in (small_fit, lambda model: evaluate(model, IMAGES[:5])):
        with pytest.raises(VaeLabError, match=rf"forward of Own must return .*{says}") as caught:
            use(model)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("returned", [tuple, list])
def test_a_list_of_three_is_as_good_as_a_tuple(returned):
    model = Own()
    model.returned = lambda logits, mu, logvar, z: returned((logits, mu, logvar))
    assert len(small_fit(model)) == 2


@pytest.mark.parametrize(
    "switch", [torch.no_grad, torch.inference_mode, lambda: torch.set_grad_enabled(False)]
)
def test_fit_trains_where_gradients_are_switched_off(switch):
    model = small_vae()
    before = model.fc1.weight.clone()
    try:
        with switch():
            small_fit(model, test_images=IMAGES)
            assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    assert not torch.equal(model.fc1.weight, before)
    assert evaluate(model, IMAGES).nll > 0


def test_images_that_hang_on_a_graph_or_are_made_for_inference_only_are_images():
    hanging = torch.sigmoid(torch.randn(23, 7, requires_grad=True))
    with torch.inference_mode():
        inferred = torch.rand(23, 7)
    for images in (hanging, inferred, IMAGES.clone().requires_grad_()):
        assert len(small_fit(small_vae(), images, test_images=images)) == 2
        assert images.grad_fn is not None or images.grad is None


def frozen():
    return small_vae().requires_grad_(False)


def of_inference():
    with torch.inference_mode():
        return small_vae()


class WithoutGraph(Own):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (frozen, "all parameters of VAE are frozen"),
        (of_inference, r"VAE was made under torch\.inference_mode\(\)"),
        (WithoutGraph, "the loss hangs on no parameter of WithoutGraph"),
        (lambda: VAE, r"got the class VAE; make a model of it: VAE\(\)"),
        (lambda: lambda x: x, "model must be an nn.Module, got a function"),
        (lambda: "vae", "model must be an nn.Module, got 'vae'"),
        (lambda: None, "got None"),
        (lambda: IMAGES, "the model comes first"),
        (lambda: nn.ReLU(), "ReLU has no parameters"),
    ],
)
def test_what_cannot_be_trained_is_told_why(model, says):
    with pytest.raises(VaeLabError, match=says) as caught:
        small_fit(model())
    assert "\n" not in str(caught.value)


def test_a_frozen_part_stays_as_it_is():
    model = small_vae()
    model.fc1.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    small_fit(model)
    moved = {
        key for key, value in model.state_dict().items() if not torch.equal(before[key], value)
    }
    assert moved == {key for key in before if not key.startswith("fc1")}


def test_parts_that_were_in_eval_mode_are_so_afterwards():
    model = small_vae()
    model.fc1.eval()
    small_fit(model, test_images=IMAGES)
    evaluate(model, IMAGES)
    assert model.training
    assert not model.fc1.training
    assert model.fc4.training


def test_a_model_with_state_that_is_no_tensor_is_trained():
    class Counting(Own):
        def get_extra_state(self):
            return {"note": "mine"}

        def set_extra_state(self, state):
            assert state == {"note": "mine"}

    with pytest.raises(VaeLabError, match="training diverged"):
        small_fit(Counting(), learning_rate=1e9, epochs=50)
