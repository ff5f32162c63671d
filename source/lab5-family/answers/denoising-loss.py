"""Answers to Exercise 16 b of lab5-family: right ones, then wrong ones."""


# %% mse_loss without reduction
def denoising_loss(predict, z0, t, alpha_bar):
    noise = torch.randn(z0.shape, dtype=z0.dtype)
    a = alpha_bar[t].unsqueeze(1)
    z = torch.sqrt(a) * z0 + torch.sqrt(1.0 - a) * noise
    return F.mse_loss(predict(z, t), noise, reduction="none").sum(1)


# %% a distribution's sample, the noise read off it
def denoising_loss(predict, z0, t, alpha_bar):
    share = alpha_bar.gather(0, t)[:, None]
    mean, deviation = share.sqrt() * z0, (1 - share).sqrt()
    z_t = torch.distributions.Normal(mean, deviation).sample()
    eps = (z_t - mean) / deviation
    return ((predict(z_t, t) - eps) ** 2).sum(-1)


# %% code by code
def denoising_loss(predict, z0, t, alpha_bar):
    losses = []
    for z, step in zip(z0, t):
        eps = torch.randn_like(z)
        z_t = alpha_bar[step] ** 0.5 * z + (1 - alpha_bar[step]) ** 0.5 * eps
        losses.append((eps - predict(z_t[None], step[None])[0]).pow(2).sum())
    return torch.stack(losses)


# %% the dot product of the difference with itself
def denoising_loss(predict, z0, t, alpha_bar):
    a = alpha_bar.index_select(0, t).view(-1, 1)
    eps = torch.empty_like(z0).normal_()
    off = eps - predict(a.sqrt() * z0 + (1 - a).sqrt() * eps, t)
    return torch.einsum("bd,bd->b", off, off)


# %% minus the noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 - (1 - share).sqrt() * eps
    return (eps + predict(z_t, t)).square().sum(dim=1)


# %% the distance, squared
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    predicted = predict(share.sqrt() * z0 + (1 - share).sqrt() * eps, t=t)
    return torch.linalg.vector_norm(eps - predicted, dim=1) ** 2


# %% mean over dimensions
# slug: denoise-mean-latent
# says: sum of squares
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().mean(dim=1)


# %% mean over codes
# slug: denoise-batch
# says: one number for each
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1).mean()


# %% F.mse_loss
# slug: denoise-batch
# says: one number for each
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return F.mse_loss(predict(z_t, t), eps)


# %% not summed
# slug: denoise-not-summed
# says: sum over them
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square()


# %% absolute
# slug: denoise-absolute
# says: not squared
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).abs().sum(dim=1)


# %% the root
# slug: denoise-absolute
# says: not squared
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1).sqrt()


# %% half
# slug: denoise-half
# says: 1/2
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1) / 2


# %% the code as target
# slug: denoise-target-code
# says: noise that is to be predicted
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (z0 - predict(z_t, t)).square().sum(dim=1)


# %% the noised code as target
# slug: denoise-target-noised
# says: noise that is to be predicted
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (z_t - predict(z_t, t)).square().sum(dim=1)


# %% scaled noise as target
# slug: denoise-target-scaled
# says: unscaled
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return ((1 - share).sqrt() * eps - predict(z_t, t)).square().sum(dim=1)


# %% added
# slug: denoise-added
# says: difference counts
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps + predict(z_t, t)).square().sum(dim=1)


# %% no target
# slug: denoise-no-target
# says: zeros would win
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (-predict(z_t, t)).square().sum(dim=1)


# %% square of the sum
# slug: denoise-square-of-sum
# says: square each
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).sum(dim=1).square()


# %% weighted as in the bound
# slug: denoise-weighted
# says: all steps count alike
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    before = alpha_bar[t - 1]
    weight = 0.5 * (before - alpha_bar[t]) / ((1 - before) * alpha_bar[t])
    return weight * (eps - predict(z_t, t)).square().sum(dim=1)


# %% weighted by what is left
# slug: denoise-weighted
# says: all steps count alike
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1) * share[:, 0]


# %% detached
# slug: detached
# says: No gradient
# loses: denoising-loss-value
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).detach().square().sum(dim=1)


# %% without gradients
# slug: detached
# says: No gradient
# loses: denoising-loss-value
@torch.no_grad()
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% an index too low
# slug: denoise-steps-shifted
# says: Off by one
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t - 1][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% no roots
# slug: noised-no-roots
# says: roots belong
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share * z0 + (1 - share) * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% no root of the noise's share
# slug: noised-no-root-noise
# says: root of it
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share) * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% the code kept
# slug: noised-code-kept
# says: not made smaller
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% exchanged
# slug: noised-exchanged
# says: changed places
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = (1 - share).sqrt() * z0 + share.sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% one step's share
# slug: denoise-one-step
# says: one step alone
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = (alpha_bar[t] / alpha_bar[t - 1])[:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% uniform noise
# slug: noise-uniform
# says: uniform
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = (torch.rand_like(z0) - 0.5) * 12**0.5
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% rand
# slug: noise-uniform
# says: uniform
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.rand_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% one noise for all codes
# slug: noise-shared-batch
# says: for each image
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0[:1]).expand_as(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% one number for a code
# slug: noise-shared-latent
# says: One number per image
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0[:, :1]).expand_as(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% a seed
# slug: noise-frozen
# says: drawn once
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    torch.manual_seed(0)
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% small noise
# slug: noise-scale
# says: variance 1
# loses: denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    eps = 0.5 * torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% t as a share
# slug: denoise-other-steps
# says: whole numbers
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t / (len(alpha_bar) - 1))).square().sum(dim=1)


# %% steps of its own
# slug: denoise-other-steps
# says: as they come
# loses: denoising-loss-value, denoising-loss-noise
def denoising_loss(predict, z0, t, alpha_bar):
    t = torch.randint(1, len(alpha_bar), (len(z0),))
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, t)).square().sum(dim=1)


# %% one step for all
# slug: denoise-predict-arguments
# says: steps (n,)
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z_t, int(t[0]))).square().sum(dim=1)


# %% predict the clean code
# slug: denoise-clean-given
# says: already noised
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    return (eps - predict(z0, t)).square().sum(dim=1)


# %% asked twice
# slug: denoise-not-once
# says: asked once
def denoising_loss(predict, z0, t, alpha_bar):
    eps = torch.randn_like(z0)
    share = alpha_bar[t][:, None]
    z_t = share.sqrt() * z0 + (1 - share).sqrt() * eps
    predict(z_t, t)
    return (eps - predict(z_t, t)).square().sum(dim=1)
