"""Mistakes of lab5-family: grey pixels as a Gaussian, and the beta that a squared error hides."""

_GAUSSIAN = {
    "gauss-no-constant": "The constant is missing or wrong: log 2 pi counts once for each pixel.",
    "gauss-constant-once": "log 2 pi counts once for each of the P pixels, not once for the image.",
    "gauss-constant-sign": "The constant has the wrong sign: a nll adds log 2 pi.",
    "gauss-no-logvar": "The log variance is missing: nothing would stop sigma from growing.",
    "gauss-logvar-sign": "The log variance has the wrong sign: a wider density is a lower one.",
    "gauss-logvar-once": "A variance that all pixels share counts once for each of the P pixels.",
    "gauss-logvar-averaged": "The log variances were averaged: each pixel's square has its own.",
    "gauss-mean-pixels": "The mean over pixels was taken: nats per image are their sum.",
    "gauss-not-summed": "One number for each pixel: the sum over pixels is missing.",
    "gauss-over-images": "Summed over the wrong dimension: over images instead of pixels.",
    "gauss-batch": "Reduced over images too: each image has a number of its own.",
    "gauss-sign": "The sign is reversed: that is a log density, a cost is its negative.",
    "gauss-log-sigma": "logvar is read as log sigma; it is the log of sigma squared.",
    "gauss-no-half": "A factor 1/2 is missing: it belongs to the square and to the logarithms.",
    "gauss-deviation": "The square is divided by sigma: a variance is its square.",
    "gauss-times-variance": "The square is multiplied by the variance: divide by it.",
    "gauss-no-exp": "An exp is missing: logvar is the logarithm of the variance.",
    "gauss-squared-error": "That is a squared error: neither a variance nor a constant is in it.",
    "gauss-not-squared": "The distance is not squared: a Gaussian has squares in its exponent.",
    "gauss-density": "The logarithm is missing: a density of many pixels has no size to print.",
    "gauss-variance-floor": "A floor or a small number was put under the variance: omit that.",
    "gauss-other-reduction": "The costs of pixels are added: independent pixels multiply.",
    "gauss-dtype": "float32 in is to be float32 out, and as exact as that.",
}

_VARIANCE = {
    "best-variance-of-image": "A variance for each image: asked for is one that all images share.",
    "best-variance-of-pixel": "A variance for each pixel: asked for is one that all pixels share.",
    "best-variance-not-averaged": "These are the squares themselves: their mean is missing.",
    "best-variance-summed": "A sum stands where a mean belongs: it grows with pixels or images.",
    "best-variance-deviation": "That is sigma: its square is asked for.",
    "best-variance-log": "That is the log variance: the variance itself is asked for.",
    "best-variance-centered": "The mean error was subtracted: the Gaussian's mean is given.",
    "best-variance-one-less": "Divided by one less: the given mean is no estimate of these errors.",
    "best-variance-absolute": "A mean distance is that of a Laplace density: take squares.",
    "best-variance-half": "A factor 2 is missing or too much: look at the derivative once more.",
    "best-variance-of-images": "That is the spread of the images: their distance from the mean "
    "output counts.",
    "best-variance-square-of-mean": "The mean was squared: square each distance, then average.",
    "best-variance-floor": "A floor or a small number was put under the variance: omit that.",
    "best-variance-median": "A median is not what minimizes this: it is a mean of squares.",
}

_BETA = {
    "beta-upside-down": "The quotient is upside down: beta stands at the KL.",
    "beta-no-two": "The 2 of 2 sigma^2 is missing: a Gaussian divides its square by it.",
    "beta-two-above": "The 2 of 2 sigma^2 stands above the line: it divides.",
    "beta-of-deviation": "The variance is given: neither its root nor its square is needed.",
    "beta-variance-above": "The variance multiplies: the wider the Gaussian, the smaller beta.",
    "beta-variance-ignored": "The variance is not used: there is no beta before one is named.",
    "beta-pixels-divide": "A mean makes the error small, so that the KL weighs more, not less.",
    "beta-latent-multiplies": "A KL averaged over D dimensions weighs less, not more.",
    "beta-weight-ignored": "kl_weight is not used: the script multiplies its KL by it.",
    "beta-weight-divides": "The weight multiplies the KL: it does not divide it.",
    "beta-pixels-ignored": "An error averaged over P pixels is P times too small: that is missing.",
    "beta-latent-ignored": "A KL averaged over D dimensions is D times too small: that is missing.",
    "beta-always-averaged": "It was averaged though the word says sum: look at the reductions.",
    "beta-reductions-swapped": "Sum and mean are exchanged.",
    "beta-sizes-exchanged": "P and D are exchanged: the error has pixels, the KL dimensions.",
    "beta-negative": "A weight of the KL is positive: both terms are costs.",
    "beta-defaults": "By default both terms are summed, and the KL is weighted by 1.",
}

GAUSSIAN_PIXELS: dict[str, str] = {**_GAUSSIAN, **_VARIANCE, **_BETA}
