"""What mistakes in noising codes, predicting the noise and stepping back mean."""

DIFFUSION = {
    "noised-exchanged": (
        "The two shares have changed places: alpha_bar is what is left of the code."
    ),
    "noised-no-roots": "Shares of the variance as factors: their roots belong there.",
    "noised-no-root-code": (
        "The code counts with its share of the variance, not with the root of it."
    ),
    "noised-no-root-noise": (
        "The noise counts with its share of the variance, not with the root of it."
    ),
    "noised-one-minus-root": (
        "The factors add up to 1, not their squares: the variance is not kept."
    ),
    "noised-one-minus-square": (
        "alpha_bar is a share of the variance already: it is not squared again."
    ),
    "noised-code-kept": "The code is not made smaller: then the variance grows with the noise.",
    "noised-noise-whole": "The noise is not scaled: it counts in full whatever the share is.",
    "noised-noise-subtracted": (
        "The noise is subtracted: a later step would look for it on the other side."
    ),
    "noised-no-noise": "The noise is missing.",
    "noised-squares": "Squares of the shares where their roots belong.",
    "noised-share-cut": "alpha_bar was kept away from 0 and 1: at both ends it is exact.",
    "noised-summed": "Summed over latent dimensions: z_t is a code, too.",
    "noised-across": "The shares run along the latent dimensions: each belongs to one code, a row.",
    "denoise-predict-arguments": (
        "predict takes codes (n, D) and their steps (n,), as the task has it."
    ),
    "denoise-clean-given": "predict is given the clean code: it is to see the one already noised.",
    "denoise-not-asked": "predict was not asked for the noise.",
    "denoise-not-once": "predict is to be asked once for each code.",
    "denoise-other-steps": (
        "predict is told the steps t as they come: whole numbers, each with its code."
    ),
    "denoise-steps-shifted": (
        "Off by one: alpha_bar has an entry for t = 0, so that t itself is the index."
    ),
    "denoise-one-step": "The share of one step alone: z_t has all the noise of t steps.",
    "denoise-time-reversed": "The steps are counted from the other end.",
    "denoise-share-of-first": "The first code's t serves for all: each code has its own.",
    "denoise-mean-latent": (
        "The mean over latent dimensions, where the sum of squares is asked for."
    ),
    "denoise-batch": "Averaged or summed over codes: one number for each is asked for.",
    "denoise-not-summed": "One number for each dimension: the sum over them is missing.",
    "denoise-absolute": "A distance that is not squared.",
    "denoise-half": "A factor 2 or 1/2 too much: the squares count once.",
    "denoise-target-code": "Compared with the code z_0: it is the noise that is to be predicted.",
    "denoise-target-noised": (
        "Compared with the noised code: it is the noise that is to be predicted."
    ),
    "denoise-target-scaled": (
        "Compared with the noise as it stands in z_t: unscaled noise is the target."
    ),
    "denoise-added": "Noise and prediction are added: their difference counts.",
    "denoise-no-target": "Nothing is compared with: a predictor of zeros would win.",
    "denoise-square-of-sum": "A sum was squared: square each difference first, then sum.",
    "denoise-product": "A product is not a distance: it has no smallest value.",
    "denoise-weighted": "Weighted by a function of t: here all steps count alike.",
    "denoise-inconsistent": (
        "z_t, or the distance, is another one: the noise in z_t is what predict should say."
    ),
    "denoise-velocity": "The target is another mixture of code and noise.",
    "reverse-not-finite": (
        "At the last step abar_0 = 1, so that 1 - abar_0 is 0: nothing divides by it."
    ),
    "reverse-own-noise": "It draws noise of its own: it is given as an argument.",
    "reverse-start-alone": (
        "That is the guess of z_0, reached at once: one step goes only a part of it."
    ),
    "reverse-eps-as-start": "The noise stands where the z_0 that it implies belongs.",
    "reverse-exchanged": "The weights of z_0 and of z_t have changed places.",
    "reverse-bar-for-step": (
        "What is kept in t steps stands where what is kept in one belongs, or reversed."
    ),
    "reverse-no-shrink-undone": (
        "The forward step made the code smaller: the way back has to undo that."
    ),
    "reverse-no-root": "A root is missing in the mean.",
    "reverse-noise-alone": (
        "Only one step's noise was taken as all there is: the guess is about all t."
    ),
    "reverse-eps-added": "The predicted noise is added: it is to be taken away.",
    "reverse-deterministic": (
        "That is the way without noise of other papers: its mean is another one."
    ),
    "reverse-forward": "That is a step forward, to more noise.",
    "reverse-clamped": "The guess of z_0 is clamped: codes are no pixels and have no bounds.",
    "reverse-variance-of-step": "The forward step's variance: once z_0 is guessed, less is open.",
    "reverse-variance-not-root": "The noise is scaled by a variance: its root belongs there.",
    "reverse-variance-of-level": "The variance of a whole level, not of one step back.",
    "reverse-variance-upside-down": "The quotient in the variance is upside down.",
    "reverse-variance-no-step": "The variance lacks a factor: how much the step had added.",
    "reverse-variance-fourth-root": "One root too many of the variance.",
    "reverse-noise-whole": "The noise is not scaled.",
    "reverse-noise-left-out": "The noise is left out: all samples would be too much alike.",
    "reverse-noise-at-end": "Noise is added in the last step: nothing takes it away again.",
    "reverse-noise-subtracted": "The noise is subtracted: it is to be added as given.",
    "reverse-added-twice": "The mean counts twice.",
    "reverse-steps-shifted": (
        "Off by one: alpha_bar has an entry for t = 0, so that t itself is the index."
    ),
    "reverse-no-noise-too-early": (
        "The noise stops too early: only the very last step, t = 1, has none."
    ),
}
