"""The page of `vae-lab explore`: a trained model's codes, and its decoder computed in the browser.

The page holds the decoder's weights as 16-bit numbers, codes and pixels of a few test images, and
a script that computes sigmoid(W2 relu(W1 z + b1) + b2); it asks for nothing outside of itself.
"""

from __future__ import annotations

import base64
import hashlib
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from vae_grading.pages.feedback import templates
from vae_grading.training.kept_model import KeptModel
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from torch import Tensor

IMAGES_A_DIGIT = 30
REACH = 4.0  # as far from the origin as a coordinate goes, or further where codes are
END = 3.0  # of a traversal, on both sides

# TEN_COLORS of vae_helpers.plots on a dark ground: contrast 3 and more, the nearest two 24 apart in
# CIE L*a*b* for people with any kind of color vision.
DARK_COLORS = (
    "#405cff", "#b2514b", "#f4969f", "#cc3d0d", "#93bf5b",
    "#ededf2", "#edd330", "#7d5cc0", "#955c88", "#73c9ff",
)  # fmt: skip
STEPS = 11  # of a traversal, from -END to END
_HALF = 250  # from the middle of the plane to `reach`, in units of the drawing
_NAME = 30  # between the names of two digits at least, in the same units


class Rounded(NamedTuple):
    """A decoder's weights in 16 bits: as the page has them, and what the rounding costs.

    Attributes:
        layers: (W, b) of each layer, float16.
        error: the most that a pixel's probability changed, at the codes that were asked about.
    """

    layers: list[tuple[Tensor, Tensor]]
    error: float


def explorer_page(kept: KeptModel) -> str:
    """One HTML page that needs nothing else."""
    import torch

    from vae_helpers import binarize, kl_by_dimension, mnist, plots

    images, labels = _some_of_each(*mnist("test"))
    # Tossed anew the page would be another each time.
    images = binarize(images, "static" if kept.binarize == "dynamic" else kept.binarize)
    with torch.no_grad():
        mu, logvar = kept.model.encode(images)
    rates = kl_by_dimension(mu, logvar)
    if not bool(mu.isfinite().all() and rates.isfinite().all()):
        raise VaeLabError("explore: codes of test images are not finite: train anew")
    rounded = round_weights(kept, mu)
    reach = round(max(REACH, 1.05 * float(mu.abs().max())), 1)
    data = {
        "layers": [{"weight": _base64(w), "bias": _base64(b)} for w, b in rounded.layers],
        "codes": _base64(mu.float()),
        "pixels": _base64((images * 255).round().to(torch.uint8)),
        "labels": labels.tolist(),
        "rates": rates.tolist(),
        "reach": reach,
    }
    found = templates()
    script = found.get_template("explore.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sizes = [len(rates), *(len(bias) for _, bias in rounded.layers)]
    return found.get_template("explore.html").render(
        title=f"What a code means: {kept.settings}",
        settings=kept.settings,
        data=data,
        script=script,
        digest=digest,
        colors=list(zip(plots.TEN_COLORS, DARK_COLORS, strict=True)),
        digits=sorted(set(labels.tolist())),
        rates=rates.tolist(),
        bars=(100 * rates / rates.max().clamp(min=1e-9)).tolist(),
        rate=float(rates.sum()),
        order=rates.argsort(descending=True).tolist(),
        reach=reach,
        steps=[END * (2 * step / (STEPS - 1) - 1) for step in range(STEPS)],
        facts=_facts(kept, "-".join(map(str, sizes)), rounded),
        **(_plane(mu, labels, reach) if len(rates) == 2 else {}),
    )


def round_weights(kept: KeptModel, codes: Tensor) -> Rounded:
    """The decoder in 16 bits. Raises a VaeLabError where a weight is too large for that."""
    exact = [(each.weight.detach(), each.bias.detach()) for each in kept.layers]
    layers = [(weight.half(), bias.half()) for weight, bias in exact]
    if not all(bool(part.isfinite().all()) for layer in layers for part in layer):
        raise VaeLabError("explore: a weight of this decoder is above 65504, too large for a page")
    change = decoded(exact, codes) - decoded(layers, codes)
    return Rounded(layers, float(change.abs().max()) if len(codes) else 0.0)


def decoded(layers: list[tuple[Tensor, Tensor]], codes: Tensor) -> Tensor:
    """Pixel probabilities (n, P) of codes (n, D), as the page computes them: in 64 bits."""
    import torch

    values = codes.double()
    for number, (weight, bias) in enumerate(layers):
        values = (torch.relu(values) if number else values) @ weight.double().T + bias.double()
    return torch.sigmoid(values)


def _some_of_each(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The first images of each digit, in the order of the digits."""
    import torch

    places = [(labels == digit).nonzero()[:IMAGES_A_DIGIT, 0] for digit in range(10)]
    chosen = torch.cat(places)
    return images[chosen], labels[chosen]


def _plane(mu: Tensor, labels: Tensor, reach: float) -> dict[str, Any]:
    """Codes (N, 2) and the circles of the prior, as they are drawn: y falls where z_1 grows."""
    import torch

    from vae_helpers.latent_plots import apart

    digits, scale = labels.unique().tolist(), _HALF / reach
    medians = torch.stack([mu[labels == digit].median(0).values for digit in digits])
    names = apart(medians, _NAME / scale)

    def placed(points: Tensor, named: list[int]) -> list[tuple[float, float, int]]:
        return [
            (round(x * scale, 1), round(-y * scale, 1), digit)
            for (x, y), digit in zip(points.tolist(), named, strict=True)
        ]

    # Of N(0, I) in two dimensions the share exp(-r^2 / 2) lies outside of the radius r.
    radii = [((-2 * math.log(1 - share)) ** 0.5, share) for share in (0.5, 0.9, 0.99)]
    step = math.ceil(reach / 5)
    most = math.floor(reach / step)
    return {
        "dots": placed(mu, labels.tolist()),
        "names": placed(names, digits),
        "medians": [
            (digit, signed(x, 2), signed(y, 2))
            for digit, (x, y) in zip(digits, medians.tolist(), strict=True)
        ],
        "circles": [(round(radius * scale, 1), round(100 * share)) for radius, share in radii],
        "ticks": [
            (round(step * each * scale, 1), signed(step * each, 0))
            for each in range(-most, most + 1)
        ],
    }


def signed(value: float, places: int) -> str:
    """A number with the minus sign of typography."""
    return f"{value:.{places}f}".replace("-", "\N{MINUS SIGN}")


def _facts(kept: KeptModel, sizes: str, rounded: Rounded) -> list[tuple[str, str]]:
    numbers = sum(part.numel() for layer in rounded.layers for part in layer)
    return [
        ("model", kept.settings),
        ("decoder", f"{sizes}, fully connected, ReLU inside, sigmoid at the end; computed in this "
         "page, in 64 bits"),
        ("weights", f"{numbers:,} numbers of 16 bits, {numbers * 8 / 3 / 1e6:.2f} MB of this file; "
         "rounding them changed no pixel's probability by more than "
         f"{rounded.error:.1g} at the codes of the test images"),
        ("test images", f"the first {IMAGES_A_DIGIT} of each digit, each by the mean of its code"),
    ]  # fmt: skip


def _base64(values: Tensor) -> str:
    """Bytes of numbers, the lowest first, as every browser has them."""
    array: Any = values.contiguous().cpu().numpy()
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
