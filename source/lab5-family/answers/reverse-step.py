"""Answers to Exercise 16 c of lab5-family: right ones, then wrong ones."""


# %% equation 11 of Ho et al.
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    alpha = alpha_bar[t] / alpha_bar[t - 1]
    beta = 1 - alpha
    mean = (z_t - beta / torch.sqrt(1 - alpha_bar[t]) * eps_hat) / torch.sqrt(alpha)
    sigma = torch.sqrt(beta * (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]))
    return mean + sigma * noise


# %% Bayes' rule by precisions
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    start = (z_t - (1 - now) ** 0.5 * eps_hat) / now**0.5
    if t == 1:
        return start
    alpha = now / before
    precision = 1 / (1 - before) + alpha / (1 - alpha)
    mean = (before**0.5 / (1 - before) * start + alpha**0.5 / (1 - alpha) * z_t) / precision
    return mean + noise / precision**0.5


# %% as a mixture of the guess and the noise that is left
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    start = (z_t - torch.sqrt(1 - now) * eps_hat) / torch.sqrt(now)
    variance = (1 - before) / (1 - now) * (1 - now / before)
    rest = torch.sqrt((1 - before - variance).clamp(min=0))
    return torch.sqrt(before) * start + rest * eps_hat + torch.sqrt(variance) * noise


# %% by Python numbers
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = float(alpha_bar[t]), float(alpha_bar[t - 1])
    beta = 1 - now / before
    mean = (z_t - beta / math.sqrt(1 - now) * eps_hat) / math.sqrt(1 - beta)
    return mean + math.sqrt(beta * (1 - before) / (1 - now)) * noise


# %% a table of all variances
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    beta = torch.cat([alpha_bar[:1] * 0, 1 - alpha_bar[1:] / alpha_bar[:-1]])
    variance = beta[1:] * (1 - alpha_bar[:-1]) / (1 - alpha_bar[1:])
    start = z_t / alpha_bar[t].sqrt() - (1 / alpha_bar[t] - 1).sqrt() * eps_hat
    c0 = alpha_bar[t - 1].sqrt() * beta[t] / (1 - alpha_bar[t])
    ct = (1 - beta[t]).sqrt() * (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t])
    return torch.addcmul(c0 * start + ct * z_t, variance[t - 1].sqrt(), noise)


# %% no noise at the end, said apart
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    mean = (z_t - (1 - kept) * (1 - now).rsqrt() * eps_hat) * kept.rsqrt()
    if t > 1:
        mean = mean + ((1 - before) / (1 - now) * (1 - kept)).sqrt() * noise
    return mean


# %% the guess of the code
# slug: reverse-start-alone
# says: only a part
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = start
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% the guess, made smaller
# slug: reverse-start-alone
# says: only a part
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = before.sqrt() * start
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% the noise as the code
# slug: reverse-eps-as-start
# says: z_0 that it implies
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = eps_hat
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% weights exchanged
# slug: reverse-exchanged
# says: changed places
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * z_t + kept.sqrt() * (1 - before) * start) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% alpha_bar for alpha
# slug: reverse-bar-for-step
# says: kept in one
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t - (1 - kept) / (1 - now).sqrt() * eps_hat) / now.sqrt()
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% beta_bar for beta
# slug: reverse-start-alone
# says: only a part
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t - (1 - now).sqrt() * eps_hat) / kept.sqrt()
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% not made larger
# slug: reverse-no-shrink-undone
# says: undo
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = z_t - (1 - kept) / (1 - now).sqrt() * eps_hat
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% a root missing below
# slug: reverse-no-root
# says: root is missing
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t - (1 - kept) / (1 - now) * eps_hat) / kept.sqrt()
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% a root missing outside
# slug: reverse-no-root
# says: root is missing
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t - (1 - kept) / (1 - now).sqrt() * eps_hat) / kept
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% one step's noise
# slug: reverse-noise-alone
# says: all there is
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t - (1 - kept).sqrt() * eps_hat) / kept.sqrt()
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% noise added
# slug: reverse-eps-added
# says: taken away
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (z_t + (1 - kept) / (1 - now).sqrt() * eps_hat) / kept.sqrt()
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% DDIM
# slug: reverse-deterministic
# says: without noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = before.sqrt() * start + (1 - before).sqrt() * eps_hat
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean


# %% a step forward
# slug: reverse-forward
# says: forward
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = kept.sqrt() * z_t + (1 - kept).sqrt() * eps_hat
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% clamped
# slug: reverse-clamped
# says: no bounds
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    start = start.clamp(-1, 1)
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% the step's variance
# slug: reverse-variance-of-step
# says: less is open
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = 1 - kept
    return mean + variance.sqrt() * noise


# %% the step's variance, none at the end
# slug: reverse-variance-of-step
# says: less is open
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - kept) * (t > 1)
    return mean + variance.sqrt() * noise


# %% the variance for its root
# slug: reverse-variance-not-root
# says: root belongs
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance * noise


# %% the level's variance
# slug: reverse-variance-of-level
# says: whole level
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = 1 - before
    return mean + variance.sqrt() * noise


# %% no step in the variance
# slug: reverse-variance-no-step
# says: lacks a factor
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now)
    return mean + variance.sqrt() * noise


# %% upside down
# slug: reverse-variance-upside-down
# says: upside down
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - now) / (1 - before) * (1 - kept) if t > 1 else 0 * now
    return mean + variance.sqrt() * noise


# %% upside down, at the end too
# slug: reverse-not-finite
# says: nothing divides
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - now) / (1 - before) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% no noise
# slug: reverse-noise-left-out
# says: too much alike
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean


# %% the whole noise
# slug: reverse-noise-whole
# says: not scaled
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + (noise if t > 1 else 0)


# %% noise at the end
# slug: reverse-noise-at-end
# says: last step
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept) if t > 1 else 1 - kept
    return mean + variance.sqrt() * noise


# %% no noise in the last but one
# slug: reverse-no-noise-too-early
# says: very last step
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise if t > 2 else mean


# %% noise of its own
# slug: reverse-own-noise
# says: given as an argument
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * torch.randn_like(noise)


# %% noise subtracted
# slug: reverse-noise-subtracted
# says: as given
# loses: reverse-step-noise
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean - variance.sqrt() * noise


# %% a step further
# slug: raised
# says: line 2 of your cell
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t + 1], alpha_bar[t]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% a step less
# slug: reverse-steps-shifted
# says: Off by one
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = (alpha_bar[t - 1], alpha_bar[t - 2]) if t > 1 else (alpha_bar[1], alpha_bar[0])
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return mean + variance.sqrt() * noise


# %% in float64
# slug: sample-dtype
# says: dtype of the arguments
# loses: reverse-step-mean
def reverse_step(z_t, t, eps_hat, alpha_bar, noise):
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = (1 - before) / (1 - now) * (1 - kept)
    return (mean + variance.sqrt() * noise).double()
