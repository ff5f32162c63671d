"""The bank of misconceptions: slug -> the sentence that tells a student what a mistake means.

Here are those that an answer of any lab may hold (in its form, in a KL, in a Gaussian sample); a
lab's own stand in its folder and are registered when its checks are imported. The section to read
is the exercise's. A sentence names the mistake and its consequence, never the code that is right.
Tests hold that every slug is used by some check and defined once.
"""

_ANY_ANSWER = {
    "not-done": "Not done yet: replace `raise NotImplementedError()` by your code.",
    "signature": "Keep the signature as the task gives it: the same arguments, the same defaults.",
    "no-forward": "forward is not a method of the class: look at the indentation.",
    "gradients-left-off": "Gradients stay switched off for all that follows: use torch.no_grad().",
    "kept-between-calls": "Something is kept from the call before: start anew in each call.",
    "raised": "The exception did not come from your cell; look at the values that you passed on.",
    "unusable": "What was returned cannot be computed with: return ordinary tensors and modules.",
    "wrong-type": "The result is not the kind of value that the task asks for.",
    "tensor-not-number": "A tensor is not a plain number, and may keep its graph in memory.",
    "number-not-tensor": "A plain number has no graph: backward needs a tensor without dimensions.",
    "wrong-shape": "The shape is part of the task: compare those of your intermediate results.",
    "wrong-value": "The value is wrong, in a way that none of the usual mistakes explains.",
    "lost-precision": "Half of the digits are lost on the way: stay in the arguments' dtype.",
    "not-exact": "Too far off for rounding: a constant was rounded, or something was added.",
    "wrong-device": "The result must stay on the device of the arguments.",
    "nan": "A logarithm, root or quotient does not exist there, or a number overflowed.",
    "changed-argument": "A function must not change its arguments in place: its caller needs them.",
    "detached": "No gradient passes: it was cut off by detach, no_grad, item, or a new tensor.",
    "graph-kept": "A graph was recorded for a backward pass that never comes: a waste.",
    "ready-made": "That method is what this exercise asks you to write.",
    "not-nats": "The logarithm has another base: nats need the natural logarithm.",
}

# What was done to the right value or shape: `distortions.py` finds it, where no check knows more.
_DISTORTED = {
    "value-negated": "The sign of everything is reversed.",
    "value-scaled": "A factor is missing, or one too much: all numbers are off by the same one.",
    "value-shifted": "A constant is missing, or one too much: all numbers are off by the same.",
    "value-exp": "One exp too many: its logarithm is the right value.",
    "value-log": "One logarithm too many, or an exp missing: its exponential is the right value.",
    "value-root": "One square root too many, or a square missing: its square is the right value.",
    "value-squared": "One square too many, or a root missing: its root is the right value.",
    "value-absolute": "Negative numbers have lost their sign: something took an absolute value.",
    "value-cut": "Numbers beyond a bound are cut off: a clamp or a ReLU is in the way.",
    "value-squashed": "A sigmoid, tanh or softplus was put on the right value.",
    "value-rounded": "The numbers are rounded.",
    "value-flipped": "The right numbers in the reverse order.",
    "value-one-row": "One entry stands for all of them: each has its own.",
    "value-averaged": "Everything was averaged or added up: each entry has its own value.",
    "value-half-precision": "Computed in half precision: only three digits are right.",
    "value-nearly": "Right to three digits: something small is added, missing, or rounded.",
    "shape-one-number": "Everything was reduced to one number: one for each entry is asked for.",
    "shape-extra-one": "A dimension of size 1 is too much.",
    "shape-not-reduced": "A sum is missing: the result still has a dimension that must be gone.",
    "shape-rows-missing": "Entries are missing: the first dimension is too short.",
    "shape-transposed": "Rows and columns have changed places.",
    "shape-reduced": "A dimension is gone that should have stayed: a sum or an index too much.",
}

_GAUSSIAN_SAMPLE = {
    "sample-detached": "No gradient reaches mu and logvar: the sample is cut off from them.",
    "std-detached": "The standard deviation is detached or missing: logvar is never learned.",
    "mu-detached": "mu is missing from the sample, or detached: it is never learned this way.",
    "mu-scaled": "The mean is scaled along with the noise: stretch the noise first, shift it then.",
    "std-is-variance": "The noise is stretched by exp(logvar), the variance, instead of its root.",
    "std-no-exp": "An exp is missing: the noise is stretched by the log-variance itself.",
    "std-inverse": "The exponent has the wrong sign: the noise is stretched by 1 / sigma.",
    "std-softplus": "softplus is another convention: logvar is the logarithm of the variance.",
    "std-square-root": "The root of the log-variance is no standard deviation: undo the log first.",
    "std-clipped": "logvar was clamped, or a constant added to the variance exp(logvar).",
    "wrong-derivative": "z - mu must be noise times the standard deviation, and nothing else.",
    "no-noise": "There is no noise: the sample is always its mean.",
    "noise-frozen": "The noise is drawn once (a seed, a cache): each call needs its own.",
    "noise-uniform": "The noise is uniform (rand instead of randn), not normal.",
    "noise-not-normal": "The noise has the wrong distribution: it is not normal.",
    "noise-off-center": "The noise does not have mean 0.",
    "noise-scale": "The noise does not have variance 1: it is scaled by the wrong number.",
    "noise-shared": "One random number serves the whole batch: each number needs its own noise.",
    "noise-shared-batch": "All images share their noise: it must be drawn for each image.",
    "noise-shared-latent": "One number per image for all its latent dimensions: draw each of them.",
    "noise-correlated": "The noise is not independent: parts of it are used more than once.",
}

_KL = {
    "kl-no-half": "That is exactly twice the right value: the factor 1/2 is missing.",
    "kl-sign": "The sign is reversed: a KL divergence is never negative.",
    "kl-mean-latent": "The mean over latent dimensions, not their sum: too small by the factor D.",
    "kl-mean-all": "The mean over batch and latent dimensions was taken; sum over the latent ones.",
    "kl-batch-sum": "Summed over the batch too early: return one number for each image.",
    "kl-batch-mean": "Averaged over the batch too early: return one number for each image.",
    "kl-not-summed": "One number for each latent dimension: the sum over them is missing.",
    "kl-sum-over-batch": "Summed over the wrong dimension: over images, not latent dimensions.",
    "kl-log-sigma": "logvar is read as log sigma; it is log sigma squared.",
    "kl-sigma-squared-twice": "exp(logvar) is the variance already: it was squared once more.",
    "kl-sigma-not-squared": "The standard deviation stands where the variance belongs.",
    "kl-reversed": "That is KL(p || q), from the prior to q; KL(q || p) is asked for.",
    "kl-no-mu": "The term with the mean is missing: the code could drift away at no cost.",
    "kl-mu-not-squared": "The mean is not squared.",
    "kl-no-one": "The constant -1 of each dimension is missing, or has the wrong sign.",
    "kl-one-outside": "The -1 belongs to each dimension: here it stands outside of the sum.",
    "kl-expectations-added": "E[log q] and E[log p] are added: the KL is their difference.",
    "kl-floor": "A floor lies under the KL (a clamp?): at mu = 0, logvar = 0 it is exactly 0.",
    "kl-clipped": "logvar is clamped, or a small constant was added: use it as it is.",
    "kl-per-pixel": "The KL is divided by the number of pixels: per image, not per pixel.",
    "terms-per-pixel": "Both terms are per pixel: the loss is in nats per image.",
    "kl-no-logvar": "The term with log sigma squared is missing: the variance may go to 0.",
    "kl-no-exp": "An exp is missing: the variance is exp(logvar).",
    "kl-logvar-sign": "The term with log sigma squared has the wrong sign.",
    "kl-half-misplaced": "The factor 1/2 must apply to every term: look at the brackets.",
    "kl-entropy-only": "That is the entropy part alone: the cross term with the prior is missing.",
    "kl-random": "The KL is estimated by sampling; it has a closed form without noise.",
}

MISCONCEPTIONS: dict[str, str] = {**_ANY_ANSWER, **_DISTORTED, **_GAUSSIAN_SAMPLE, **_KL}


def register(bank: dict[str, str]) -> None:
    """Add a lab's misconceptions. Raises ValueError for a slug that is there with other words."""
    for slug, meaning in bank.items():
        if MISCONCEPTIONS.setdefault(slug, meaning) != meaning:
            raise ValueError(f"the misconception {slug!r} is defined twice")
