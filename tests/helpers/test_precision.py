"""fit(precision="bf16"): what is rounded, what is not, and where it is refused."""

import copy
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from vae_helpers import VAE, VaeLabError, evaluate, fit, precision, training, vae_loss

IMAGES = torch.rand(23, 7).round()


@pytest.fixture(autouse=True)
def _processor_with_bf16(monkeypatch):
    """No warning, whatever the processor here: torch computes the same on all."""
    monkeypatch.setattr(precision, "cpu_has_bf16", lambda: True)


def small_vae():
    return VAE(latent_dim=2, hidden_dim=5, data_dim=7)


def small_fit(model, images=IMAGES, **arguments):
    defaults = {"epochs": 2, "batch_size": 5, "progress": False, "device": "cpu"}
    return fit(model, images, **defaults | {"precision": "bf16"} | arguments)


class Watched(VAE):
    """Remembers the dtypes between its layers; `seen` by the name of the place."""

    def __init__(self):
        super().__init__(latent_dim=2, hidden_dim=5, data_dim=7)
        self.seen = {}

    def encode(self, x):
        mu, logvar = super().encode(x)
        self.seen |= {"x": x.dtype, "mu": mu.dtype, "logvar": logvar.dtype}
        return mu, logvar

    def decode(self, z):
        logits = super().decode(z)
        self.seen |= {"z": z.dtype, "logits": logits.dtype}
        return logits


def products_of(monkeypatch, train):
    """The dtypes that F.linear was asked to multiply while training."""
    found, linear = set(), F.linear

    def watched(x, weight, bias=None):
        given = linear(x, weight, bias)
        found.add(given.dtype)
        return given

    monkeypatch.setattr(F, "linear", watched)
    train()
    return found


def test_products_are_bfloat16_and_all_else_is_float32(monkeypatch):
    model, losses = Watched(), []

    def seen(*given):
        losses.append({each.dtype for each in given[:4]})
        return vae_loss(*given)

    monkeypatch.setattr(training, "vae_loss", seen)
    assert products_of(monkeypatch, lambda: small_fit(model)) == {torch.bfloat16}
    assert set(model.seen.values()) == {torch.float32}
    assert losses == [{torch.float32}] * 10
    for parameter in model.parameters():
        assert parameter.dtype == parameter.grad.dtype == torch.float32
    assert model(IMAGES).logits.dtype == torch.float32  # nothing stays behind
    assert not any(part._forward_hooks for part in model.modules())


def test_products_are_float32_when_nothing_is_asked_for(monkeypatch):
    def train():
        fit(small_vae(), IMAGES, epochs=1, progress=False, device="cpu")

    assert products_of(monkeypatch, train) == {torch.float32}


def test_the_test_is_in_float32(monkeypatch):
    """Oracle: a step so small that it is none, and `evaluate` with the same noise."""
    model = small_vae()
    monkeypatch.setattr(VAE, "reparameterize", lambda self, mu, logvar: mu)
    history = small_fit(model, epochs=1, learning_rate=1e-30, test_images=IMAGES)
    assert history.test_loss[0] == pytest.approx(evaluate(model, IMAGES).loss, rel=1e-6)
    assert history.train_loss[0] == pytest.approx(history.test_loss[0], rel=0.01)
    assert history.train_loss[0] != pytest.approx(history.test_loss[0], rel=1e-6)


def test_it_learns_what_float32_learns():
    """The same weights and noise at the start: after 200 steps the losses differ by rounding.

    An untrained model costs 7 log 2 = 4.9 nats; bfloat16 rounds to 2^-9, a fifth of a percent.
    """
    start, images = small_vae(), torch.eye(7).repeat(20, 1)
    losses = {}
    for kind in ("float32", "bf16"):
        model = copy.deepcopy(start)
        noise = torch.Generator().manual_seed(1)
        history = small_fit(
            model, images, epochs=20, batch_size=14, learning_rate=0.02, generator=noise,
            precision=kind, test_images=images,
        )  # fmt: skip
        losses[kind] = history.test_loss[-1]
    assert losses["bf16"] != losses["float32"]
    assert losses["bf16"] == pytest.approx(losses["float32"], rel=0.03)
    assert losses["bf16"] < 4.2


def test_the_generator_decides_everything():
    start, weights = small_vae(), []
    for _ in range(2):
        model = copy.deepcopy(start)
        small_fit(model, generator=torch.Generator().manual_seed(1))
        weights.append(model.fc1.weight.detach())
    assert torch.equal(*weights)


class Own(nn.Module):
    """A model with lazy layers, a convolution, and a product outside of any layer."""

    def __init__(self):
        super().__init__()
        self.first, self.conv = nn.LazyLinear(8), nn.Conv1d(1, 1, 3, padding=1)
        self.codes, self.out = nn.Linear(8, 4), nn.Parameter(torch.randn(7, 2))

    def forward(self, x):
        h = self.conv(self.first(x).relu()[:, None])[:, 0]
        mu, logvar = self.codes(h).chunk(2, dim=1)
        return F.linear(mu + torch.exp(logvar / 2) * torch.randn_like(mu), self.out), mu, logvar


@pytest.mark.parametrize(
    "make", [Own, lambda: torch.compile(small_vae(), backend="eager"), lambda: small_vae().eval()]
)
def test_any_model_is_trained(make):
    torch._dynamo.reset()
    model = make()
    history = small_fit(model, test_images=IMAGES)
    assert len(history) == 2
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    assert evaluate(model, IMAGES).nll > 0


@pytest.mark.parametrize("value", ["half", "bfloat16", "", None, 16, torch.bfloat16, ["bf16"]])
def test_another_value_gets_one_clear_line(value):
    model = small_vae()
    before = copy.deepcopy(model.state_dict())
    says = r"fit: precision must be 'float32' or 'bf16', got "
    with pytest.raises(VaeLabError, match=says) as caught:
        small_fit(model, precision=value)
    assert "\n" not in str(caught.value)
    torch.testing.assert_close(model.state_dict(), before)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_a_model_of_another_dtype_is_refused(dtype):
    with pytest.raises(VaeLabError, match=rf"a model of torch\.float32, this one is {dtype}"):
        small_fit(small_vae().to(dtype))
    assert len(small_fit(small_vae().double(), precision="float32")) == 2


def test_a_device_without_bfloat16_is_refused(monkeypatch):
    monkeypatch.setattr(precision, "_multiplies_bf16", lambda device: False)
    with pytest.raises(VaeLabError, match="the device cpu has no bfloat16 products; leave"):
        small_fit(small_vae())


def test_a_gpu_that_only_imitates_bfloat16_is_refused(monkeypatch):
    asked = []
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda **named: asked.append(named) or False
    )
    cuda = torch.device("cuda")
    with pytest.raises(VaeLabError, match="the device cuda has no bfloat16 products"):
        precision.require_precision("bf16", cuda, torch.float32, "fit")
    precision.require_precision("float32", cuda, torch.float32, "fit")
    assert asked == [{"including_emulation": False}]


def test_a_processor_without_it_computes_the_same_and_says_that_it_is_slow(monkeypatch):
    monkeypatch.setattr(precision, "cpu_has_bf16", lambda: False)
    with pytest.warns(UserWarning, match="takes longer than 'float32'") as caught:
        assert len(fit(small_vae(), IMAGES, epochs=1, device="cpu", precision="bf16")) == 1
    assert [each.filename for each in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(small_vae(), IMAGES, epochs=1, device="cpu")


@pytest.mark.parametrize(
    ("capabilities", "there"),
    [
        ({"avx2": True, "avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"neon": True, "bf16": True}, True),
        ({"architecture": "x86_64"}, False),
    ],
)
def test_the_processor_is_asked_for_its_instructions(monkeypatch, capabilities, there):
    monkeypatch.undo()  # of the fixture
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert precision.cpu_has_bf16() is there
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert precision.cpu_has_bf16() is False
