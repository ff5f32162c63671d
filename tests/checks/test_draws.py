"""Draws of an image are told from those of others by the image alone."""

import pytest
import torch

from vae_checks.fixtures import grey_images
from vae_checks.lab3.samples import draws
from vae_checks.reference import RecordingLoss, wide_model


@pytest.mark.parametrize("pixels", [7, 13, 29])
@pytest.mark.parametrize("repeats", [2, 6, 11])
def test_draws_stay_in_the_order_in_which_they_came(pixels, repeats):
    """A product of matrices may give equal rows unequal last digits, which mixed the calls."""
    images = grey_images(23, pixels).float()
    model = wide_model(pixels=pixels, latent=2, hidden=11)
    loss_fn = RecordingLoss(model)
    nll = []
    with torch.no_grad():
        for _ in range(repeats):
            order = torch.randperm(len(images))
            mu, logvar = model.encode(images[order])
            logits = model.decode(model.reparameterize(mu, logvar))
            terms = loss_fn(logits, images[order], mu, logvar)
            nll.append(terms.nll[order.argsort()].double())
    assert torch.equal(draws(loss_fn, images)[0], torch.stack(nll))
