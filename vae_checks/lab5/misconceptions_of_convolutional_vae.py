"""Mistakes of lab5-family: a VAE of convolutions."""

CONVOLUTIONAL_VAE: dict[str, str] = {
    "conv-fully-connected": "A weight that meets pixels grows with the image: places do not share "
    "it.",
    "conv-place-lost": "An average over all places: a code must tell where something stands.",
    "conv-channels-ignored": "The channels of the image are fixed: take them from the argument.",
    "conv-flat-images": "The pixels come as one row: decode is to give images (B, C, H, W).",
    "conv-no-method": "The model needs two methods, encode(x) and decode(z).",
}
