"""Models that see labels: a linear Gaussian for each class, and the sum over all of them."""

import math

import pytest
import torch
from linear_models import Computed, images, linear_gaussian
from zoo_samples import seeded

from vae_helpers import LinearGaussian, VaeLabError
from vae_zoo.labels.conditional import ConditionalVAE
from vae_zoo.labels.semi_supervised import UNLABELLED, SemiSupervised
from vae_zoo.likelihoods.densities import Gaussian
from vae_zoo.networks import FullyConnected

float64 = torch.float64
CLASSES = 3


def of_classes():
    """Linear Gaussians with one W and a mean of each class's own."""
    base = linear_gaussian(orthogonal=True)
    shifts = torch.randn(CLASSES, 6, generator=seeded(4), dtype=float64)
    return [LinearGaussian(W=base.W, b=base.b + shift, s=base.s) for shift in shifts]


def exact(sort, **settings):
    models = of_classes()
    W, s = models[0].W, models[0].s
    b = torch.stack([model.b for model in models])
    made = sort(FullyConnected(6, 4), 3, Gaussian(s), num_classes=CLASSES, **settings).double()
    made.likelihood.log_sigma.fill_(math.log(s))
    variance = models[0].posterior(images(1)).variance[0]

    def encode(x, one_hot):
        mean = (x - one_hot @ b) @ W / s**2 * variance
        return torch.cat([mean, variance.log().expand_as(mean)], dim=1)

    made.encoder = Computed(encode)
    made.decoder = Computed(lambda both: both[:, :3] @ W.mT + both[:, 3:] @ b)
    return made, models


def truths(models, x):
    """log p(x|y), (B, K)."""
    return torch.stack([model.log_evidence(x) for model in models], dim=1)


def test_the_conditional_elbo_with_the_posterior_is_log_p_of_x_given_y():
    """Mean over 4,000 draws, since the KL is in closed form: within five standard errors."""
    model, models = exact(ConditionalVAE)
    for label in range(CLASSES):
        x = images(1).expand(4000, -1)
        with torch.no_grad():
            found = -model.loss(x, torch.full((4000,), label), generator=seeded(label)).loss
        expected = truths(models, images(1))[0, label]
        assert abs(found.mean() - expected) < 5 * found.std() / 4000**0.5


def test_both_networks_see_the_label():
    torch.manual_seed(0)
    model = ConditionalVAE(FullyConnected(6, 8), 2, num_classes=CLASSES)
    x, z = torch.rand(4, 6), torch.randn(4, 2)
    zeros, ones = torch.zeros(4, dtype=torch.long), torch.ones(4, dtype=torch.long)
    assert not torch.allclose(model.encode(x, zeros)[0], model.encode(x, ones)[0])
    assert not torch.allclose(model.decode(z, zeros), model.decode(z, ones))
    assert model.sample(7).shape == (7, 6)
    assert model.sample(2, torch.tensor([2, 2])).shape == (2, 6)


def test_the_unlabelled_bound_with_the_posterior_over_labels_is_log_p():
    """log p(x) = log sum_y p(y) p(x|y); with q(y|x) the posterior, on average over 4,000 draws."""
    model, models = exact(SemiSupervised, alpha=0.0)
    x = images(1)
    joint = truths(models, x) - math.log(CLASSES)
    model.classifier = Computed(lambda x: truths(models, x))
    many = x.expand(4000, -1)
    with torch.no_grad():
        found = -model.unlabelled_bound(many, generator=seeded())
    assert abs(found.mean() - joint.logsumexp(1)[0]) < 5 * found.std() / 4000**0.5


def test_the_sum_over_labels_is_the_expectation_by_hand():
    """The same noise, label after label."""
    torch.manual_seed(0)
    model = SemiSupervised(FullyConnected(6, 8), 2, num_classes=CLASSES).double()
    x = images(4)
    found = model.unlabelled_bound(x, generator=seeded())
    generator, q = seeded(), model.classify(x).exp()
    expected = (q * q.log()).sum(1)
    for label in range(CLASSES):
        labels = torch.full((4,), label)
        expected = expected + q[:, label] * model.labelled_bound(x, labels, generator=generator)
    torch.testing.assert_close(found, expected)


def test_a_certain_label_makes_both_bounds_one():
    """q(y|x) = 1 for one label: its entropy is 0, and -U(x) = -L(x, y)."""
    model, _ = exact(SemiSupervised)
    model.classifier = Computed(
        lambda x: torch.tensor([[0.0, -1e4, -1e4]]).double().expand(len(x), 3)
    )
    x = images(2)
    labels = torch.zeros(2, dtype=torch.long)
    unlabelled = model.unlabelled_bound(x, generator=seeded())
    labelled = model.labelled_bound(x, labels, generator=seeded())
    torch.testing.assert_close(unlabelled, labelled)


def test_a_batch_may_hold_both_kinds():
    torch.manual_seed(0)
    model = SemiSupervised(FullyConnected(6, 8), 2, num_classes=CLASSES, alpha=7.0)
    x, labels = torch.rand(5, 6), torch.tensor([0, UNLABELLED, 2, UNLABELLED, 1])
    loss, terms = model.loss(x, labels)
    known = labels != UNLABELLED
    expected = -model.classify(x)[known, labels[known]]
    torch.testing.assert_close(terms["classification"][known], expected)
    assert (terms["classification"][~known] == 0).all()
    torch.testing.assert_close(loss, terms["bound"] + 7 * terms["classification"])
    assert model.loss(x).terms["classification"].sum() == 0


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (None, "labels are missing"),
        (torch.tensor([0.0, 1.0]), "whole numbers of shape"),
        (torch.tensor([0, 3]), "from 0 to 2, found 0 to 3"),
        (torch.tensor([0]), r"of shape \(2,\)"),
    ],
)
def test_labels_that_make_no_sense_are_refused_in_one_line(labels, said):
    model = ConditionalVAE(FullyConnected(6, 8), 2, num_classes=CLASSES)
    with pytest.raises(VaeLabError, match=said) as caught:
        model.loss(torch.rand(2, 6), labels)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (torch.tensor([0, 3]), "from -1 to 2, found 0 to 3"),
        (torch.tensor([-1.0, -1.0]), "whole numbers of shape"),
        (torch.tensor([0, 1, 2]), r"of shape \(2,\)"),
    ],
)
def test_labels_of_some_images_are_looked_at_too(labels, said):
    model = SemiSupervised(FullyConnected(6, 8), 2, num_classes=CLASSES)
    with pytest.raises(VaeLabError, match=said):
        model.loss(torch.rand(2, 6), labels)
