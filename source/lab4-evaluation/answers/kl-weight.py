"""Answers to Exercise 10 of lab4-evaluation: right ones, then wrong ones."""


# %% cases
def kl_weight(step, warmup_steps):
    if step >= warmup_steps:
        return 1.0
    return step / warmup_steps


# %% at least one step to divide by
def kl_weight(step, warmup_steps):
    if warmup_steps == 0:
        return 1
    return min(step, warmup_steps) / warmup_steps


# %% numpy
def kl_weight(step, warmup_steps):
    return float(np.clip(step / warmup_steps, 0, 1)) if warmup_steps else 1.0


# %% interpolation
def kl_weight(step, warmup_steps):
    if not warmup_steps:
        return 1.0
    return np.interp(step, [0, warmup_steps], [0.0, 1.0])


# %% what is left of the warm-up
def kl_weight(step, warmup_steps):
    return 1 - max(0, warmup_steps - step) / max(1, warmup_steps)


# %% torch, and back
def kl_weight(step, warmup_steps):
    if warmup_steps == 0:
        return 1.0
    return torch.tensor(step / warmup_steps, dtype=torch.float64).clamp(0, 1).item()


# %% caught
def kl_weight(step, warmup_steps):
    try:
        return min(1.0, step / warmup_steps)
    except ZeroDivisionError:
        return 1.0


# %% no end
# slug: weight-above-one
# loses: kl-weight-stays
# says: beyond 1
def kl_weight(step, warmup_steps):
    return step / warmup_steps if warmup_steps else 1.0


# %% no case for 0 steps
# slug: weight-no-warmup
# loses: kl-weight-stays
# says: at step 0, too
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps)


# %% 0 steps, never any KL
# slug: weight-no-warmup
# loses: kl-weight-stays
# says: 1 from the start
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps) if warmup_steps else 0.0


# %% 0 steps, by a step
# slug: weight-no-warmup
# loses: kl-weight-stays
# says: it should be 1
def kl_weight(step, warmup_steps):
    return min(1.0, step / max(1, warmup_steps))


# %% one step ahead
# slug: weight-one-step-early
# loses: kl-weight-rises
# says: 1 comes at warmup_steps
def kl_weight(step, warmup_steps):
    return min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0


# %% ahead, by the divisor
# slug: weight-one-step-early
# loses: kl-weight-rises
# says: it runs ahead
def kl_weight(step, warmup_steps):
    return min(1.0, step / max(1, warmup_steps - 1)) if warmup_steps else 1.0


# %% late
# slug: weight-one-step-late
# says: too late
def kl_weight(step, warmup_steps):
    return min(1.0, step / (warmup_steps + 1)) if warmup_steps else 1.0


# %% falling
# slug: weight-from-one
# says: begins without the KL
def kl_weight(step, warmup_steps):
    return max(0.0, 1 - step / warmup_steps) if warmup_steps else 1.0


# %% off, then on
# slug: weight-zero
# loses: kl-weight-rises
# says: step by step
def kl_weight(step, warmup_steps):
    return float(step >= warmup_steps)


# %% whole numbers
# slug: weight-zero
# loses: kl-weight-rises
# says: always 0
def kl_weight(step, warmup_steps):
    return min(1, step // warmup_steps) if warmup_steps else 1


# %% switched half way
# slug: weight-switched
# loses: kl-weight-rises
# says: it jumps
def kl_weight(step, warmup_steps):
    return 1.0 if 2 * step >= warmup_steps else 0.0


# %% always one
# slug: weight-constant
# loses: kl-weight-rises
# says: no warm-up at all
def kl_weight(step, warmup_steps):
    return 1.0


# %% a curve
# slug: weight-not-linear
# loses: kl-weight-rises
# says: along a curve
def kl_weight(step, warmup_steps):
    return min(1.0, step / warmup_steps) ** 2 if warmup_steps else 1.0


# %% a cosine
# slug: weight-not-linear
# loses: kl-weight-rises
# says: proportional to the step
def kl_weight(step, warmup_steps):
    done = min(1.0, step / warmup_steps) if warmup_steps else 1.0
    return 0.5 * (1 - math.cos(math.pi * done))


# %% again and again
# slug: weight-starts-again
# loses: kl-weight-stays
# says: starts again
def kl_weight(step, warmup_steps):
    return (step % warmup_steps) / warmup_steps if warmup_steps else 1.0


# %% up and down
# slug: weight-falls-again
# loses: kl-weight-stays
# says: it falls after the warm-up
def kl_weight(step, warmup_steps):
    if not warmup_steps:
        return 1.0
    return max(0.0, 1 - abs(step - warmup_steps) / warmup_steps)


# %% stays below
# slug: weight-never-one
# loses: kl-weight-stays
# says: does not reach 1
def kl_weight(step, warmup_steps):
    return min(0.99995, step / warmup_steps) if warmup_steps else 1.0


# %% percent
# slug: weight-in-steps
# says: between 0 and 1
def kl_weight(step, warmup_steps):
    return min(100.0, 100 * step / warmup_steps) if warmup_steps else 100.0


# %% the number of steps
# slug: weight-in-steps
# says: not a weight
def kl_weight(step, warmup_steps):
    return min(step, warmup_steps) if warmup_steps else 1.0


# %% hard-coded
# slug: weight-hard-coded
# says: take it from the argument
def kl_weight(step, warmup_steps):
    return min(1.0, step / 100_000) if warmup_steps else 1.0


# %% the larger one
# slug: weight-constant
# loses: kl-weight-rises, kl-weight-stays
# says: always 1
def kl_weight(step, warmup_steps):
    return max(1.0, step / warmup_steps) if warmup_steps else 1.0


# %% a tensor
# slug: tensor-not-number
# says: not a plain number
def kl_weight(step, warmup_steps):
    return torch.tensor(min(1.0, step / warmup_steps) if warmup_steps else 1.0)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def kl_weight(step, warmup_steps):
    min(1.0, step / max(1, warmup_steps))


# %% negative
# slug: weight-negative
# says: rewards a large KL
def kl_weight(step, warmup_steps):
    return -min(1.0, step / warmup_steps) if warmup_steps else -1.0


# %% twice as long
# slug: weight-too-low
# says: too low on the way
# loses: kl-weight-rises, kl-weight-stays
def kl_weight(step, warmup_steps):
    return min(1.0, step / (2 * warmup_steps)) if warmup_steps else 1.0


# %% half as long
# slug: weight-not-linear
# loses: kl-weight-rises
# says: proportional to the step
def kl_weight(step, warmup_steps):
    return min(1.0, 2 * step / warmup_steps) if warmup_steps else 1.0


# %% from a half
# slug: weight-not-linear
# loses: kl-weight-rises
# says: along a curve
def kl_weight(step, warmup_steps):
    return min(1.0, 0.5 + 0.5 * step / warmup_steps) if warmup_steps else 1.0


# %% eps
# slug: weight-nearly
# says: Nearly
def kl_weight(step, warmup_steps):
    return min(1.0, step / (warmup_steps + 1e-8))


# %% rounded to two decimals
# slug: weight-nearly
# says: Nearly
# loses: kl-weight-rises
def kl_weight(step, warmup_steps):
    return round(min(1.0, step / warmup_steps), 2) if warmup_steps else 1.0


# %% a small weight at the start
# slug: weight-nearly
# says: Nearly
# loses: kl-weight-rises
def kl_weight(step, warmup_steps):
    return min(1.0, max(1e-4, step / warmup_steps)) if warmup_steps else 1.0
