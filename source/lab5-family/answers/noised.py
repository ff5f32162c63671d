"""Answers to Exercise 16 a of lab5-family: right ones, then wrong ones."""


# %% numbers and tensors apart
def noised(z0, alpha_bar, eps):
    if torch.is_tensor(alpha_bar):
        alpha_bar = alpha_bar[:, None]
        return torch.sqrt(alpha_bar) * z0 + torch.sqrt(1 - alpha_bar) * eps
    return math.sqrt(alpha_bar) * z0 + math.sqrt(1 - alpha_bar) * eps


# %% powers and a view
def noised(z0, alpha_bar, eps):
    a = (alpha_bar if torch.is_tensor(alpha_bar) else z0.new_tensor([alpha_bar])).view(-1, 1)
    return a**0.5 * z0 + (1 - a) ** 0.5 * eps


# %% row by row
def noised(z0, alpha_bar, eps):
    shares = alpha_bar if torch.is_tensor(alpha_bar) else [alpha_bar] * len(z0)
    rows = [float(a) ** 0.5 * z + (1 - float(a)) ** 0.5 * e for a, z, e in zip(shares, z0, eps)]
    return torch.stack(rows)


# %% einsum
def noised(z0, alpha_bar, eps):
    a = torch.as_tensor(alpha_bar, dtype=z0.dtype).expand(len(z0))
    return torch.einsum("b,bd->bd", a.sqrt(), z0) + torch.einsum("b,bd->bd", (1 - a).sqrt(), eps)


# %% a normal distribution's mean and deviation
def noised(z0, alpha_bar, eps):
    a = torch.as_tensor(alpha_bar).to(z0).reshape(-1, 1)
    mean, variance = a.sqrt() * z0, (1 - a).expand_as(z0)
    return mean + variance.sqrt() * eps


# %% transposed and back
def noised(z0, alpha_bar, eps):
    a = torch.as_tensor(alpha_bar, dtype=z0.dtype)
    return (a.sqrt() * z0.T + (1 - a).sqrt() * eps.T).T


# %% no roots
# slug: noised-no-roots
# says: roots belong
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share * z0 + (1 - share) * eps


# %% no root of the code's share
# slug: noised-no-root-code
# says: root of it
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share * z0 + (1 - share).sqrt() * eps


# %% no root of the noise's share
# slug: noised-no-root-noise
# says: root of it
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + (1 - share) * eps


# %% one minus the root
# slug: noised-one-minus-root
# says: variance is not kept
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + (1 - share.sqrt()) * eps


# %% exchanged
# slug: noised-exchanged
# says: changed places
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return (1 - share).sqrt() * z0 + share.sqrt() * eps


# %% the code kept
# slug: noised-code-kept
# says: not made smaller
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return z0 + (1 - share).sqrt() * eps


# %% noise by signal to noise
# slug: noised-code-kept
# says: not made smaller
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return z0 + ((1 - share) / share.clamp(min=1e-12)).sqrt() * eps


# %% the whole noise
# slug: noised-noise-whole
# says: not scaled
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + eps


# %% noise subtracted
# slug: noised-noise-subtracted
# says: subtracted
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 - (1 - share).sqrt() * eps


# %% noise of its own
# slug: wrong-value
# says: none of the usual
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + (1 - share).sqrt() * torch.randn_like(eps)


# %% no noise
# slug: noised-no-noise
# says: is missing
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0


# %% squared share
# slug: noised-one-minus-square
# says: not squared again
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share * z0 + (1 - share**2).sqrt() * eps


# %% summed
# slug: noised-summed
# says: a code, too
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return (share.sqrt() * z0 + (1 - share).sqrt() * eps).sum(1)


# %% a number alone
# slug: raised
# says: line 2 of your cell
def noised(z0, alpha_bar, eps):
    share = torch.tensor(math.sqrt(alpha_bar)) ** 2
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


# %% a tensor alone
# slug: raised
# says: line 2 of your cell
def noised(z0, alpha_bar, eps):
    share = alpha_bar[:, None]
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


# %% not along the rows
# slug: raised
# says: line 3 of your cell
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype)
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


# %% detached
# slug: value-right-gradient-wrong
# says: a part is detached
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0.detach() + (1 - share).sqrt() * eps


# %% without gradients
# slug: detached
# says: No gradient
@torch.no_grad()
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


# %% a floor under the share
# slug: noised-share-cut
# says: 0 and 1
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1).clamp(1e-3, 1 - 1e-3)
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


# %% in place
# slug: changed-argument
# says: in place
def noised(z0, alpha_bar, eps):
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return z0.mul_(share.sqrt()).add_((1 - share).sqrt() * eps)
