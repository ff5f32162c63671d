"""M2: a model of images and labels, of which few images have one."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Loss, require_labels
from vae_zoo.labels.conditional import ConditionalVAE
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks

UNLABELLED = -1


class SemiSupervised(ConditionalVAE):
    """p(y) uniform, p(z) = N(0, I), p(x|y, z); q(y|x), q(z|x, y).

        labelled     -L(x, y) = nll + KL(q(z|x, y) || p(z)) + log K      bounds -log p(x, y)
        unlabelled   -U(x) = sum_y q(y|x) (-L(x, y)) - H[q(y|x)]         bounds -log p(x)

    The sum over y is carried out, not sampled. The classifier q(y|x) is in the first bound not at
    all: `alpha` nats times its cross-entropy on labelled images are added. Labels (B,); -1 stands
    for none.

    Source: D. P. Kingma et al., Semi-Supervised Learning with Deep Generative Models,
    arXiv:1406.5298, equations 6 to 9.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_classes: int = 10,
        alpha: float = 10.0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels, num_classes=num_classes)
        self.alpha = real_number(alpha, "SemiSupervised: alpha")
        self.classifier = networks.encoder(self.num_classes)

    @property
    def is_bound(self) -> bool:
        """Of labelled images, too: -log p(x, y) and a cross-entropy are no less than -log p(x)."""
        return self.likelihood.is_density

    def classify(self, x: Tensor) -> Tensor:
        """log q(y|x), (B, K)."""
        require_pixels(x, data_dim=self.data_dim)
        return self.classifier(x).log_softmax(1)

    def labelled_bound(
        self, x: Tensor, labels: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """-L(x, y) in nats, (B,)."""
        conditional = super().loss(x, labels, generator=generator).loss
        return conditional + math.log(self.num_classes)

    def unlabelled_bound(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """-U(x) in nats, (B,)."""
        log_q = self.classify(x)
        each = [
            self.labelled_bound(x, labels, generator=generator)
            for labels in torch.arange(self.num_classes, device=x.device)[:, None].expand(
                -1, len(x)
            )
        ]
        return (log_q.exp() * (torch.stack(each, dim=1) + log_q)).sum(1)

    def loss(
        self, x: Tensor, labels: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Loss:
        """The bound of each image, with or without its label; terms bound and classification."""
        if labels is None:
            labels = torch.full((len(x),), UNLABELLED, device=x.device)
        require_labels(labels, x, self.num_classes, "SemiSupervised", lowest=UNLABELLED)
        known = labels != UNLABELLED
        bound, wrong = x.new_zeros(len(x)), x.new_zeros(len(x))
        if bool(known.any()):
            bound[known] = self.labelled_bound(x[known], labels[known], generator=generator)
            wrong[known] = F.nll_loss(
                self.classify(x[known]), labels[known].long(), reduction="none"
            )
        if not bool(known.all()):
            bound[~known] = self.unlabelled_bound(x[~known], generator=generator)
        return Loss(bound + self.alpha * wrong, {"bound": bound, "classification": wrong})

    def latent(
        self, x: Tensor, labels: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """With the likeliest label where none is given."""
        return super().latent(x, self._known_or_likely(x, labels), generator=generator)

    @torch.no_grad()
    def reconstruct(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return super().reconstruct(x, self._known_or_likely(x, labels))

    def _known_or_likely(self, x: Tensor, labels: Tensor | None) -> Tensor:
        likely = self.classify(x).argmax(1)
        return likely if labels is None else torch.where(labels == UNLABELLED, likely, labels)
