"""Answers to Exercise 8 b of lab5-family: right ones, then wrong ones."""


# %% to the last digit
def straight_through(z, codes):
    return codes.detach() + (z - z.detach())


# %% a function of its own
def straight_through(z, codes):
    class Through(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z, codes):
            return codes.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient, None

    return Through.apply(z, codes)


# %% without a graph in between
def straight_through(z, codes):
    with torch.no_grad():
        step = codes - z
    return z + step


# %% minus the way back
def straight_through(z, codes):
    away = z.detach() - codes.detach()
    return z - away


# %% by addition of parts
def straight_through(z, codes):
    return torch.add(codes.detach(), torch.sub(z, z.detach()))


# %% row by row
def straight_through(z, codes):
    rows = [one + (code - one).detach() for one, code in zip(z, codes)]
    return torch.stack(rows)


# %% the codes alone
# slug: straight-codes-only
# says: goes to the codes
def straight_through(z, codes):
    return codes * 1.0


# %% z alone
# slug: straight-not-the-code
# says: must be the code
def straight_through(z, codes):
    return z * 1.0


# %% the stop on the wrong part
# slug: straight-codes-only
# says: goes to the codes
def straight_through(z, codes):
    return z.detach() + (codes - z.detach())


# %% no stop at all
# slug: straight-codes-only
# says: goes to the codes
def straight_through(z, codes):
    return z + (codes - z)


# %% codes not detached
# slug: straight-codes-too
# says: a loss of their own
def straight_through(z, codes):
    return codes + (z - z.detach())


# %% everything detached
# slug: straight-cut
# says: No gradient arrives
def straight_through(z, codes):
    return codes.detach()


# %% all in no_grad
# slug: straight-cut
# says: No gradient arrives
def straight_through(z, codes):
    with torch.no_grad():
        return z + (codes - z)


# %% added to the code
# slug: straight-not-the-code
# says: z has to cancel
def straight_through(z, codes):
    return codes + (codes - z).detach()


# %% z not taken away
# slug: straight-not-the-code
# says: z has to cancel
def straight_through(z, codes):
    return z + codes.detach()


# %% the sign reversed
# slug: straight-not-the-code
# says: z has to cancel
def straight_through(z, codes):
    return z - (codes - z).detach()


# %% halfway
# slug: straight-not-the-code
# says: z has to cancel
def straight_through(z, codes):
    return 0.5 * (z + codes.detach())


# %% the gradient weighed
# slug: straight-scaled
# says: with a factor
def straight_through(z, codes):
    return codes.detach() + 0.25 * (z - z.detach())


# %% twice
# slug: straight-scaled
# says: with a factor
def straight_through(z, codes):
    return codes.detach() + 2 * (z - z.detach())


# %% against the gradient
# slug: straight-scaled
# says: with a factor
def straight_through(z, codes):
    return codes.detach() - (z - z.detach())


# %% a clipped gradient, as for binary networks
# slug: straight-clipped
# says: Part of the gradient
def straight_through(z, codes):
    inside = z.clamp(-1, 1)
    return codes.detach() + (inside - inside.detach())


# %% through a tanh
# slug: straight-other-derivative
# says: it is the identity
def straight_through(z, codes):
    soft = torch.tanh(z)
    return codes.detach() + (soft - soft.detach())


# %% scaled by lengths
# slug: straight-other-derivative
# says: it is the identity
def straight_through(z, codes):
    ratio = (codes.norm(dim=-1, keepdim=True) / z.norm(dim=-1, keepdim=True)).detach()
    return codes.detach() + ratio * (z - z.detach())


# %% one gradient for all
# slug: straight-other-derivative
# says: it is the identity
def straight_through(z, codes):
    mean = z.mean()
    return codes.detach() + (mean - mean.detach())


# %% z overwritten
# slug: changed-argument
# says: in place
def straight_through(z, codes):
    z += (codes - z).detach()
    return z


# %% arguments exchanged
# slug: straight-not-the-code
# says: must be the code
def straight_through(z, codes):
    return codes + (z - codes).detach()
