"""The bank of misconceptions: slug -> the sentence that tells a student what a mistake means.

Here are those that an answer of any lab may hold (in its form, in a KL, in a Gaussian sample); a
lab's own stand in its folder and are registered when its checks are imported. The section to read
is the exercise's. A sentence names the mistake and its consequence, never the code that is right.
Tests hold that every slug is used by some check and defined once.
"""

from vae_checks.distortions import DISTORTIONS

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
    "sizes-guessed": "Right at other sizes: it goes by the sizes, or works for some of them only.",
    "wrong-value": "The value is wrong, in a way that none of the usual mistakes explains.",
    "half-precision": "16 bits keep three digits at most: compute in float32 and return it.",
    "lost-precision": "Half of the digits are lost on the way: stay in the arguments' dtype.",
    "hard-coded-size": "A size is fixed, or mixed up with another: take each from its argument.",
    "value-random": "It is estimated by sampling; it has a closed form without noise.",
    "not-exact": "Too far off for float64: a constant was rounded, float32 used, something added.",
    "wrong-device": "The result must stay on the device of the arguments.",
    "nan": "A logarithm, root or quotient does not exist there, or a number overflowed.",
    "argument-marked": "The caller's tensor is not left as it was: work on a detached copy.",
    "changed-argument": "A function must not change its arguments in place: its caller needs them.",
    "detached": "No gradient passes: it was cut off by detach, no_grad, item, or a new tensor.",
    "value-right-gradient-wrong": "The value is right, its gradient is not: a part is detached.",
    "graph-kept": "A graph was recorded for a backward pass that never comes: a waste.",
    "ready-made": "That method is what this exercise asks you to write.",
    "diagnosis-form": 'The form is {1: "C", 2: "E", ...}: a letter for each, no letter twice.',
    "diagnosis-wrong": "Run each of them and look at what it does before you decide.",
    "not-nats": "The logarithm has another base: nats need the natural logarithm.",
}

_TERMS = {
    "term-batch": "It changes with the number of images: a sum or a size is taken over them.",
    "term-missing": "A term of the formula is missing.",
    "term-sign": "A term of the formula has the wrong sign.",
    "term-factor": "A term of the formula has the wrong factor.",
    "term-strange": "A term stands there that the formula does not have.",
    "term-replaced": "A term stands in the place of another one.",
    "argument-misread": "An argument was taken for another number, or another for it.",
    "factor-power": "A factor has another power: a root or a division is missing, or too much.",
    "term-dimension": "Not all dimensions are treated alike: look at indices and slices.",
}

_GAUSSIAN_SAMPLE = {
    "sample-detached": "No gradient reaches mu and logvar: the sample is cut off from them.",
    "std-detached": "The standard deviation is detached or missing: logvar is never learned.",
    "mu-detached": "mu is missing from the sample, or detached: it is never learned this way.",
    "mu-misread": "z does not have mu as its mean: something else stands in its place.",
    "mu-scaled": "The mean is scaled along with the noise: stretch the noise first, shift it then.",
    "std-is-variance": "The noise is stretched by exp(logvar), the variance, instead of its root.",
    "std-no-exp": "An exp is missing: the noise is stretched by the log-variance itself.",
    "std-inverse": "The exponent has the wrong sign: the noise is stretched by 1 / sigma.",
    "std-softplus": "softplus is another convention: logvar is the logarithm of the variance.",
    "std-square-root": "The root of the log-variance is no standard deviation: undo the log first.",
    "std-exp-twice": "exp was taken twice: the noise is stretched beyond all bounds.",
    "std-logvar-squared": "The log-variance was squared: the square is in its variance already.",
    "std-power": "The exponent has the wrong factor: that is another power of the deviation.",
    "backward-by-hand": "z is right, its derivative is not its own: a backward by hand is wrong.",
    "sample-dtype": "The sample must have the dtype of mu: a network in another cannot take it.",
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
    "noise-of-mu": "The noise depends on mu: it is N(0, 1), whatever the arguments are.",
    "noise-correlated": "The noise is not independent: parts of it are used more than once.",
    "noise-cut": "Large values are missing or cut off: N(0, 1) has no bound.",
    "noise-zeros": "Part of the noise is exactly 0 (a dropout, a mask): no number may be left out.",
    "noise-coarse": "The noise has few digits (half precision, rounding): draw it in full.",
    "noise-standardized": "The noise was adjusted after it was drawn: it is no longer independent.",
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
    "kl-logvar-squared": "logvar is squared: to undo a logarithm takes an exponential.",
    "kl-exp-twice": "Two exponentials: exp(logvar) is the variance already.",
    "kl-other-prior": "That is the KL to a prior of another variance; here it is N(0, I).",
    "kl-code-averaged": "mu or logvar is averaged over the batch: each image has its own.",
    "kl-square-of-sum": "A sum was squared: square each mean first, then sum.",
    "kl-reversed": "That is KL(p || q), from the prior to q; KL(q || p) is asked for.",
    "kl-no-mu": "The term with the mean is missing: the code could drift away at no cost.",
    "kl-mu-not-squared": "The mean is not squared.",
    "kl-no-one": "The constant -1 of each dimension is missing, or has the wrong sign.",
    "kl-one-outside": "The -1 belongs to each dimension: here it stands outside of the sum.",
    "kl-expectations-added": "E[log q] and E[log p] are added: the KL is their difference.",
    "kl-floor": "A floor (a clamp?), or a constant: at mu = 0, logvar = 0 the KL is exactly 0.",
    "kl-clipped": "logvar is clamped (or the result), or a small constant was added: omit that.",
    "kl-per-pixel": "The KL is divided by the number of pixels: per image, not per pixel.",
    "terms-per-pixel": "Both terms are per pixel: the loss is in nats per image.",
    "kl-no-logvar": "The term with log sigma squared is missing: the variance may go to 0.",
    "kl-no-exp": "An exp is missing: the variance is exp(logvar).",
    "kl-logvar-sign": "The term with log sigma squared has the wrong sign.",
    "kl-half-misplaced": "The factor 1/2 must apply to every term: look at the brackets.",
    "kl-entropy-only": "That is the entropy part alone: the cross term with the prior is missing.",
    "results-swapped": "The two results have changed places.",
    "kl-random": "The KL is estimated by sampling; it has a closed form without noise.",
}

_NETWORKS = {
    "layers-not-registered": "Not all layers are registered: make each an attribute in __init__.",
    "no-nonlinearity": "The whole network is linear: no nonlinearity follows the hidden layer.",
    "same-head": "Mean and log-variance come from the same layer: each needs a head of its own.",
    "logvar-positive": "That is a variance or a standard deviation; its logarithm may be negative.",
    "one-output": "All numbers came in one tensor: cut it into mu and logvar.",
    "chunk-batch": "The images were cut in two, not their numbers: mind the dimension of the cut.",
    "outputs-tied": "Two of these numbers always move together: each needs weights of its own.",
    "output-constant": "This output does not depend on the input.",
    "output-random": "Each call draws anew, even in eval mode: a random number, or a new layer.",
    "weights-not-single": "The layers are not float32, as images and codes are: calls raise.",
    "output-softmax": "A softmax makes the pixels compete; each has a probability of its own.",
    "output-relu": "A ReLU stands on the output and cuts off all negative values.",
    "output-sigmoid": "A sigmoid squeezes the output into (0, 1); it must be any real number.",
    "output-positive": "The output can only be positive; it must be any real number.",
    "output-tanh": "A tanh or a clamp confines the output to [-1, 1]; it must be any real number.",
    "output-one-sided": "The output is bounded on one side: something follows the last layer.",
    "output-clipped": "A clamp, norm or squashing function confines it: it must be any number.",
    "input-ignored": "A part of the input changes nothing: every number of it counts.",
    "input-scaled-away": "The size of the input is lost: something normalizes it.",
    "input-rounded": "The input is rounded, or only its sign counts: the rest of it is lost.",
    "output-infinite": "It overflows: an exp, or a log of what is rounded, follows the last layer.",
    "rows-mixed": "Each row must be treated by itself: something works across the batch.",
}

MISCONCEPTIONS: dict[str, str] = {
    **_ANY_ANSWER,
    **DISTORTIONS,
    **_TERMS,
    **_GAUSSIAN_SAMPLE,
    **_KL,
    **_NETWORKS,
}


def register(bank: dict[str, str]) -> None:
    """Add a lab's misconceptions. Raises ValueError for a slug that is there with other words."""
    for slug, meaning in bank.items():
        if MISCONCEPTIONS.setdefault(slug, meaning) != meaning:
            raise ValueError(f"the misconception {slug!r} is defined twice")
