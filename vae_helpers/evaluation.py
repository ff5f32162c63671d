"""How good is a model? The negative ELBO of a set of images, per image."""

from __future__ import annotations

from typing import Literal, NamedTuple, overload

import torch
from torch import Tensor, nn

from vae_helpers.arguments import real_number, require_generator, require_module, whole_number
from vae_helpers.datasets import Binarize, _binarized, _require_mode
from vae_helpers.loss import VAELoss, vae_loss
from vae_helpers.model_contract import modes_kept, outputs_of, place_of
from vae_helpers.pixels import require_images
from vae_helpers.randomness import randomness_of
from vae_helpers.rates import kl_by_dimension


class LossByDimension(NamedTuple):
    """What `evaluate(..., by_dimension=True)` returns: means in nats, and kl_by_dimension (D,)."""

    loss: float
    nll: float
    kl: float
    kl_by_dimension: Tensor


@overload
def evaluate(
    model: nn.Module,
    images: Tensor,
    *,
    batch_size: int = ...,
    beta: float = ...,
    binarize: Binarize = ...,
    generator: torch.Generator | None = ...,
    by_dimension: Literal[False] = ...,
) -> VAELoss[float]: ...


@overload
def evaluate(
    model: nn.Module,
    images: Tensor,
    *,
    batch_size: int = ...,
    beta: float = ...,
    binarize: Binarize = ...,
    generator: torch.Generator | None = ...,
    by_dimension: Literal[True],
) -> LossByDimension: ...


def evaluate(
    model: nn.Module,
    images: Tensor,
    *,
    batch_size: int = 1000,
    beta: float = 1.0,
    binarize: Binarize = None,
    generator: torch.Generator | None = None,
    by_dimension: bool = False,
) -> VAELoss[float] | LossByDimension:
    """The negative ELBO of a set of images, and its two terms, in nats per image.

    z is drawn as `model(x)` draws it, one sample per image, in eval mode; parameters, gradients and
    the training mode stay as they were.

    Args:
        model: any module with forward(x) -> (logits, mu, logvar), evaluated where it is.
        images: (N, P) in [0, 1].
        batch_size: how many images at once; the averages do not depend on it.
        beta: a number, see `vae_loss`.
        binarize, generator: see `fit`.
        by_dimension: tell how the kl is spread over the latent dimensions, too.

    Returns:
        VAELoss(loss, nll, kl) of floats, loss = nll + beta * kl; nll is the distortion, kl the
        rate. By dimension LossByDimension, with the means over images of each dimension's kl, (D,)
        in float64 on the CPU, which add up to kl.

    Raises:
        VaeLabError: images outside [0, 1], of the wrong shape, or none at all; an argument without
            sense, or a model that does not return what it should.
    """
    require_module(model, "evaluate")
    require_images(images)
    _require_mode(binarize)
    require_generator(generator, "evaluate")
    batch_size = whole_number(batch_size, "evaluate: batch_size")
    beta = real_number(beta, "evaluate: beta")
    home, dtype = place_of(model, images)
    if binarize != "dynamic":
        images, binarize = _binarized(images, binarize), None
    terms, spread = [], torch.zeros(1, dtype=torch.float64)
    with torch.no_grad(), modes_kept(model), randomness_of(generator, home):
        model.eval()
        for batch in images.split(batch_size):
            x = _binarized(batch.to(home, dtype), binarize)
            logits, mu, logvar = outputs_of(model, x, "evaluate")
            terms.append(torch.stack(vae_loss(logits, x, mu, logvar)[1:]))
            if by_dimension:
                spread = spread + len(x) * kl_by_dimension(mu, logvar).cpu().double()
    nll, kl = torch.cat(terms, dim=1).cpu().double().mean(1).tolist()
    if by_dimension:
        return LossByDimension(nll + beta * kl, nll, kl, spread / len(images))
    return VAELoss(nll + beta * kl, nll, kl)
