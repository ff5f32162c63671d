"""Answers to Exercise 12 of lab6-pyro: right ones, then wrong ones."""


# %% from the end
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - total


# %% a transformed distribution
def flow_log_prob(z, transforms):
    base = dist.Normal(torch.zeros_like(z[0]), 1.0).to_event(1)
    return dist.TransformedDistribution(base, list(transforms)).log_prob(z)


# %% composed
def flow_log_prob(z, transforms):
    whole = torch.distributions.transforms.ComposeTransform(list(transforms))
    u = whole.inv(z)
    base = torch.distributions.Normal(0.0, 1.0).log_prob(u).sum(-1)
    return base - whole.log_abs_det_jacobian(u, z) if transforms else base


# %% all codes first
def flow_log_prob(z, transforms):
    path = [z]
    for t in reversed(transforms):
        path.insert(0, t.inv(path[0]))
    result = torch.distributions.Normal(torch.zeros_like(z), 1.0).log_prob(path[0]).sum(1)
    for t, before, after in zip(transforms, path, path[1:]):
        result = result - t.log_abs_det_jacobian(before, after)
    return result


# %% recursion
def flow_log_prob(z, transforms):
    if not transforms:
        return -0.5 * (z**2).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)
    *others, last = transforms
    u = last.inv(z)
    return flow_log_prob(u, others) - last.log_abs_det_jacobian(u, z)


# %% the sign of the determinant
# slug: flow-sign
# says: thinner
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) + total


# %% no determinants
# slug: flow-no-jacobian
# says: missing
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)


# %% the wrong order
# slug: flow-order
# says: last map first
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - total


# %% the last determinant alone
# slug: flow-last-only
# says: Every map
# loses: flow-log-prob-value
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - total


# %% the normal density of z
# slug: flow-at-z
# says: that of u
def flow_log_prob(z, transforms):
    total, first = 0.0, z
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (first.square() + math.log(2 * math.pi)).sum(-1) - total


# %% no constant
# slug: flow-constant
# says: D/2 log
# loses: flow-log-prob-value
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square()).sum(-1) - total


# %% summed
# slug: flow-summed
# says: each code
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return (-0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - total).sum()


# %% no gradient
# slug: detached
# says: ✗
# loses: flow-log-prob-gradient
def flow_log_prob(z, transforms):
    total, z = 0.0, z.detach()
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - total


# %% no gradient of the determinants
# slug: value-right-gradient-wrong
# says: ✗
# loses: flow-log-prob-gradient
def flow_log_prob(z, transforms):
    total = 0.0
    for transform in transforms[::-1]:
        u = transform.inv(z)
        total = total + transform.log_abs_det_jacobian(u, z)
        z = u
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1) - torch.as_tensor(total).detach()


# %% forward
# slug: flow-forward
# says: log p(z)
def flow_log_prob(z, transforms):
    log_det = torch.zeros_like(z[:, 0])
    for transform in transforms:
        after = transform(z)
        log_det = log_det + transform.log_abs_det_jacobian(z, after)
        z = after
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1) - log_det


# %% before and after exchanged
# slug: flow-exchanged
# says: log p(z)
def flow_log_prob(z, transforms):
    log_det = torch.zeros_like(z[:, 0])
    for transform in reversed(transforms):
        before = transform.inv(z)
        log_det = log_det + transform.log_abs_det_jacobian(z, before)
        z = before
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1) - log_det


# %% no half
# slug: flow-no-half
# says: log p(z)
def flow_log_prob(z, transforms):
    log_det = torch.zeros_like(z[:, 0])
    for transform in reversed(transforms):
        before = transform.inv(z)
        log_det = log_det + transform.log_abs_det_jacobian(before, z)
        z = before
    return -(z**2 + 0.5 * math.log(2 * math.pi)).sum(dim=1) - log_det


# %% a part of z cut off
# slug: value-right-gradient-wrong
# says: in dimension
# loses: flow-log-prob-gradient
def flow_log_prob(z, transforms):
    z = torch.cat([z[:, :1], z[:, 1:].detach()], dim=1)
    log_det = torch.zeros_like(z[:, 0])
    for transform in reversed(transforms):
        before = transform.inv(z)
        log_det = log_det + transform.log_abs_det_jacobian(before, z)
        z = before
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1) - log_det


# %% the list reversed in place
# slug: changed-argument
# says: another list
# loses: flow-log-prob-value
def flow_log_prob(z, transforms):
    log_det = torch.zeros_like(z[:, 0])
    transforms.reverse()
    for transform in transforms:
        before = transform.inv(z)
        log_det = log_det + transform.log_abs_det_jacobian(before, z)
        z = before
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1) - log_det


# %% the list emptied
# slug: changed-argument
# says: another list
# loses: flow-log-prob-value
def flow_log_prob(z, transforms):
    log_p = torch.zeros_like(z[:, 0])
    while transforms:
        transform = transforms.pop()
        before = transform.inv(z)
        log_p = log_p - transform.log_abs_det_jacobian(before, z)
        z = before
    return log_p - 0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1)
