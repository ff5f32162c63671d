"""Right pieces for the checks of later exercises, so that one mistake costs once.

`sharp_model` and `wide_model` are right VAEs with fresh weights, in float32 as a notebook's are;
`RecordingLoss` is a right `loss_fn` that remembers what it was given. From the logits of a wide
model the code z that was decoded can be read back, which turns questions about sampling into
questions about z.
"""

from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor, nn

from vae_checks.fixtures import grey_images, spread, true_kl, true_nll
from vae_checks.verdict import Mistake, describe
from vae_checks.watching import watch
from vae_helpers.model import VAE

_SHIFT = 60.0


class ReferenceModel(VAE):
    """With the parts of the notebook's VAE, without what an exercise asks to write."""

    # The modes (is it training?) of the parts of the model, or of a copy that an answer made of it,
    # when images passed last; None before.
    passed_modes: frozenset[bool] | None = None

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        type(self).passed_modes = self.modes()
        return super().encode(x)

    def modes(self) -> frozenset[bool]:
        """The modes of its parts: one, unless some were changed alone."""
        return frozenset(part.training for part in self.modules())

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What encode gives, for the check's own use: no hook of an answer hears of it."""
        h = torch.relu(_linear(self.fc1, x))
        return _linear(self.fc21, h), _linear(self.fc22, h)

    def logits(self, z: Tensor) -> Tensor:
        """What decode gives, for the check's own use."""
        return _linear(self.fc4, torch.relu(_linear(self.fc3, z)))

    def encoder(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.encode(x)

    def decoder(self, z: Tensor) -> Tensor:
        return self.decode(z)

    def sample(self, *_: Any, **__: Any) -> NoReturn:
        raise Mistake("ready-made", "It calls model.sample.")

    def reconstruct(self, *_: Any, **__: Any) -> NoReturn:
        raise Mistake("ready-made", "It calls model.reconstruct.")


def _linear(layer: nn.Linear, x: Tensor) -> Tensor:
    return nn.functional.linear(x, layer.weight, layer.bias)


def sharp_model(*, pixels: int, latent: int, hidden: int) -> ReferenceModel:
    """A VAE with logvar = -40 for every image: z equals mu to 1e-8 and nothing is random."""
    model, weights = _pieces(pixels, latent, hidden)
    weights["fc22.weight"].zero_()
    weights["fc22.bias"].fill_(-40)
    return _filled(model, weights)


def wide_model(*, pixels: int, latent: int, hidden: int) -> ReferenceModel:
    """A VAE with logvar in +-[0.5, 1.5] and decoder logits = W z + c with an injective W.

    For `grey_images` mu has mean +-[0.3, 2] and standard deviation 1, logits at mu lie around 0.
    Needs hidden >= latent and pixels >= latent. See `decoded_code`.
    """
    if min(hidden, pixels) < latent:
        raise ValueError("wide_model needs hidden >= latent and pixels >= latent")
    model, weights = _pieces(pixels, latent, hidden)
    weights["fc22.weight"].zero_()
    weights["fc22.bias"] = spread(latent, low=0.5, high=1.5).float()
    # The first hidden units are z + 60, which a ReLU leaves alone; the others do not reach x.
    weights["fc3.weight"] = torch.eye(hidden, latent)
    weights["fc3.bias"].fill_(_SHIFT)
    to_pixels = spread(pixels, hidden).float() / hidden + 2 * torch.eye(pixels, hidden)
    to_pixels[:, latent:] = 0
    weights["fc4.weight"] = to_pixels
    weights["fc1.bias"] = weights["fc1.bias"].abs() + 2  # most hidden units are alive
    model, images = _filled(model, weights), grey_images(100, pixels).float()
    with torch.no_grad():
        usual = model.codes(images)[0]
        # mu differs between images by 1, whatever the hidden layer: what depends on it shows.
        scale, middle = 1 / usual.std(0), spread(latent).float()
        weights["fc21.weight"] *= scale[:, None]
        weights["fc21.bias"] = middle + (weights["fc21.bias"] - usual.mean(0)) * scale
        # Logits are near 0 for usual codes: what lowers the nll then differs between images.
        offset = to_pixels[:, :latent] @ middle + _SHIFT * to_pixels.sum(1)
        weights["fc4.bias"] = 0.3 * weights["fc4.bias"] - offset
    return _filled(model, weights)


def decoded_code(model: ReferenceModel, logits: Tensor) -> Tensor:
    """The z (B, D) that a `wide_model` decoded to these logits (B, P)."""
    state = model.state_dict()
    latent = state["fc21.weight"].shape[0]
    weight = state["fc4.weight"][:, :latent]
    offset = state["fc4.bias"] + _SHIFT * weight.sum(1)
    shown = (logits.detach() - offset).T.double()
    if not shown.isfinite().all():
        return torch.full((len(logits), latent), torch.nan, dtype=logits.dtype)
    return torch.linalg.lstsq(weight.double(), shown).solution.T.to(logits.dtype)


def expect_float32(model: nn.Module) -> None:
    """Raise Mistake when an answer has converted the model that it was handed."""
    for name, value in model.named_parameters():
        if value.dtype != torch.float32:
            raise Mistake("model-converted", f"After the call {name} is {value.dtype}.")


def expect_trainable(model: nn.Module) -> None:
    """Raise Mistake when a parameter, which had requires_grad=True, has lost it."""
    for name, value in model.named_parameters():
        if not value.requires_grad:
            raise Mistake("parameters-frozen", f"After the call {name} has requires_grad=False.")


def _slope(model: ReferenceModel, x: Tensor, z: Tensor) -> Tensor:
    """d nll / dz (B, D) of images x (B, P) at codes z (B, D), for a `wide_model`."""
    weight = model.fc4.weight.detach()
    with torch.no_grad():
        off = torch.sigmoid(model.logits(z.to(weight.dtype))) - x  # d nll / d logits
    return (off.to(weight.dtype) @ weight)[:, : z.shape[1]]


class Terms(NamedTuple):
    """What a `loss_fn` returns: the scalar to minimize, nll (B,) and kl (B,) in nats."""

    loss: Tensor
    nll: Tensor
    kl: Tensor


class LossCall(NamedTuple):
    """One call of a `RecordingLoss`: tensors without their graph, and what the model was doing.

    `modes` are those of the model's parts, or a copy's, while the images passed last. `moved`
    tells whether the parameters differ from those at the start of the recording, `eps` is the
    noise (z - mu) / sigma of the decoded codes, `slope` is d nll / dz at z = mu; both are empty
    unless the model is a wide one.
    """

    logits: Tensor
    x: Tensor
    mu: Tensor
    logvar: Tensor
    nll: Tensor
    kl: Tensor
    builds_graph: bool
    modes: frozenset[bool]
    moved: bool
    eps: Tensor
    slope: Tensor


class RecordingLoss:
    """A right `loss_fn` for `model`: loss is the batch mean of nll + beta * kl; keeps its calls.

    With `trained` off the model must stay as it is; both terms are `scale` times as large.
    """

    def __init__(
        self,
        model: ReferenceModel,
        *,
        beta: float = 1.0,
        trained: bool = True,
        scale: float = 1.0,
    ) -> None:
        self.model = model
        self.beta, self._scale = beta, scale
        self._trained = trained
        self.calls: list[LossCall] = []
        self._start = [parameter.detach().clone() for parameter in model.parameters()]
        self._reads_codes = bool(model.fc22.bias.min() > -20)  # a wide model

    def __call__(self, logits: Any, x: Any, mu: Any, logvar: Any) -> Terms:
        """Raises Mistake when the four arguments are not what their places ask for."""
        given = [logits, x, mu, logvar]
        if not all(torch.is_tensor(value) for value in given):
            shown = ", ".join(describe(value) for value in given)
            raise Mistake("loss-arguments", f"loss_fn was called with {shown}.")
        self._expect_shapes(logits, x, mu, logvar)
        nll, kl = self._scale * true_nll(logits, x), self._scale * true_kl(mu, logvar)
        graph, modes = logits.requires_grad, self.model.passed_modes
        modes = self.model.modes() if modes is None else modes
        watch(lambda *values: self._note(graph, modes, *values), *given, nll, kl)
        return Terms((nll + self.beta * kl).mean(), nll, kl)

    def _note(self, graph: bool, modes: frozenset[bool], *values: Tensor) -> None:
        """Keep the call; under vmap its batches came together, (..., B, P) and (..., B)."""
        logits, x, mu, logvar = (value.flatten(0, -2).clone() for value in values[:4])
        nll, kl = (value.flatten().clone() for value in values[4:])
        pairs = zip(self._start, self.model.parameters(), strict=True)
        moved = not all(torch.equal(one, other.detach().to(one.dtype)) for one, other in pairs)
        if moved and not self._trained:
            raise Mistake("evaluation-trains", "The model's parameters change between batches.")
        self._expect_own(x, mu, logvar)
        eps = slope = torch.empty(0)
        if self._reads_codes:  # now, since a step may change the model afterwards
            eps = (decoded_code(self.model, logits) - mu) * torch.exp(-logvar / 2)
            slope = _slope(self.model, x, mu)
        made = LossCall(logits, x, mu, logvar, nll, kl, graph, modes, moved, eps, slope)
        self.calls.append(made)

    def noise(self) -> Tensor:
        """The eps = (z - mu) / sigma (B, D) of all calls, for a `wide_model`."""
        return torch.cat([call.eps for call in self.calls])

    def all_mu(self) -> Tensor:
        """mu of every image of every call, (N, D)."""
        return torch.cat([call.mu for call in self.calls])

    def all_nll(self) -> Tensor:
        """nll of every image of every call, (N,)."""
        return torch.cat([call.nll for call in self.calls])

    def all_kl(self) -> Tensor:
        """kl of every image of every call, (N,)."""
        return torch.cat([call.kl for call in self.calls])

    def _expect_shapes(self, logits: Tensor, x: Tensor, mu: Tensor, logvar: Tensor) -> None:
        state = self.model.state_dict()
        latent, pixels = state["fc21.weight"].shape[0], state["fc4.weight"].shape[0]
        shapes = [tuple(value.shape) for value in (logits, x, mu, logvar)]
        batch = logits.shape[:1]
        if shapes != [(*batch, pixels)] * 2 + [(*batch, latent)] * 2:
            raise Mistake("loss-arguments", f"loss_fn was called with shapes {shapes}.")
        if x.requires_grad:
            raise Mistake("loss-arguments", "The second argument of loss_fn does not hold images.")

    def _expect_own(self, x: Tensor, mu: Tensor, logvar: Tensor) -> None:
        if x.min() < 0 or x.max() > 1:
            raise Mistake("loss-arguments", "The second argument of loss_fn does not hold images.")
        with torch.no_grad():
            right_mu, right_logvar = self.model.codes(x.to(self.model.fc1.weight.dtype))
        if _near(mu, right_logvar) and _near(logvar, right_mu):
            raise Mistake("loss-arguments", "loss_fn was given logvar in place of mu, mu last.")
        if _near(logvar, right_logvar) and not _near(mu, right_mu):
            raise Mistake("loss-arguments", "loss_fn was given something else, z?, in place of mu.")
        # What is read off mu and logvar below is true of the model only if they are its own.
        if not (_near(mu, right_mu) and _near(logvar, right_logvar)):
            seen = "loss_fn was given a mu and logvar that the model's encoder does not give for x."
            raise Mistake("loss-arguments", seen)


def _near(one: Tensor, other: Tensor) -> bool:
    """Equal but for rounding: float32 sums differ by 1e-5 with the batch that they are made in."""
    return torch.allclose(one.detach().double(), other.double(), rtol=1e-3, atol=1e-4)


Terms.__name__ = Terms.__qualname__ = "VAELoss"  # as the notebook and errors call them
RecordingLoss.__name__ = RecordingLoss.__qualname__ = "loss_fn"
RecordingLoss.__call__.__qualname__ = "loss_fn"


def _pieces(pixels: int, latent: int, hidden: int) -> tuple[ReferenceModel, dict[str, Tensor]]:
    """A reference model, and weights that make all its parts matter."""

    class Pieces(ReferenceModel):
        """A class of its own for each model: copies that an answer makes of it share it."""

    Pieces.__name__ = Pieces.__qualname__ = "VAE"  # as errors call it
    with torch.random.fork_rng(devices=[]):  # its weights are replaced at once
        model = Pieces(latent_dim=latent, hidden_dim=hidden, data_dim=pixels)
    weights = {}
    for name, value in model.named_parameters():
        fan_in = value.shape[1] if value.ndim == 2 else 1
        weights[name] = (spread(*value.shape) / fan_in**0.5).float()
    return model, weights


def _filled(model: ReferenceModel, weights: dict[str, Tensor]) -> ReferenceModel:
    model.load_state_dict(weights, assign=True)
    return model.requires_grad_()
