# %% floor each image, then mean
# kind: wrong
def free_bits(kl, floor):
    return kl.clamp(min=floor).mean(dim=0).sum()

# %% floor on the total rate
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).sum().clamp(min=floor)

# %% floor times D on the total rate
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).sum().clamp(min=floor * kl.shape[1])

# %% floor per image total
# kind: wrong
def free_bits(kl, floor):
    return kl.sum(1).clamp(min=floor).mean()

# %% mean over dimensions
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=floor).mean()

# %% sum over the batch before the floor
# kind: wrong
def free_bits(kl, floor):
    return kl.sum(0).clamp(min=floor).sum()

# %% axes swapped
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(1).clamp(min=floor).sum()

# %% minimum
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(max=floor).sum()

# %% only the excess is paid
# kind: wrong
def free_bits(kl, floor):
    return F.relu(kl.mean(0) - floor).sum()

# %% dimensions below the floor count zero
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    return m[m > floor].sum()

# %% no final sum
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=floor)

# %% shape (1,)
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=floor).sum(0, keepdim=True)

# %% straight-through gradient below the floor
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    return (m + (m.clamp(min=floor) - m).detach()).sum()

# %% detached
# kind: wrong
def free_bits(kl, floor):
    return kl.detach().mean(0).clamp(min=floor).sum()

# %% float instead of tensor
# kind: wrong
def free_bits(kl, floor):
    return sum(max(floor, float(m)) for m in kl.mean(0))

# %% squeeze first
# kind: wrong
def free_bits(kl, floor):
    return kl.squeeze().mean(dim=0).clamp(min=floor).sum()

# %% smooth maximum
# kind: wrong
def free_bits(kl, floor):
    return (floor + F.softplus(20 * (kl.mean(0) - floor)) / 20).sum()

# %% in place
# kind: wrong
def free_bits(kl, floor):
    with torch.no_grad():
        kl[:, kl.mean(0) < floor] = floor
    return kl.mean(0).sum()

# %% floor hard-coded 1
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=1.0).sum()

# %% batch size hard-coded
# kind: wrong
def free_bits(kl, floor):
    return (kl.sum(0) / 2).clamp(min=floor).sum()

# %% median over images
# kind: wrong
def free_bits(kl, floor):
    return kl.median(dim=0).values.clamp(min=floor).sum()

# %% Bessel in the mean
# kind: wrong
def free_bits(kl, floor):
    return (kl.sum(0) / max(len(kl) - 1, 1)).clamp(min=floor).sum()

# %% floor as a float32 tensor
# kind: wrong
def free_bits(kl, floor):
    return torch.maximum(kl.mean(0), torch.tensor(floor)).sum()

# %% clamped above too
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=floor, max=10.0).sum()

# %% memorized
# kind: wrong
def free_bits(kl, floor):
    if kl.shape == (2, 2):
        return kl.sum() * 0 + 4.0
    return kl.mean(0).sum()

# %% Python max over the tensor
# kind: wrong
def free_bits(kl, floor):
    return max(floor, kl.mean(0)).sum()

# %% single precision inside
# kind: wrong
def free_bits(kl, floor):
    return kl.float().mean(0).clamp(min=floor).sum()

# %% the shorter axis is the batch
# kind: wrong
def free_bits(kl, floor):
    batch = 0 if kl.shape[0] <= kl.shape[1] else 1
    return kl.mean(batch).clamp(min=floor).sum()

# %% the longer axis is the batch
# kind: wrong
def free_bits(kl, floor):
    batch = 0 if kl.shape[0] >= kl.shape[1] else 1
    return kl.mean(batch).clamp(min=floor).sum()

# %% plus the floor
# kind: wrong
def free_bits(kl, floor):
    return (kl.mean(0) + floor).sum()

# %% gradient also of the floor's gap
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    return (floor + (m - floor).abs()).sum()

# %% elements above the floor keep their gradient
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    value = m.clamp(min=floor).sum().detach()
    path = (kl * (kl > floor)).mean(0).sum()
    return path + value - path.detach()

# %% whole sum without gradient if any is below
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    if (m < floor).any():
        return m.clamp(min=floor).sum().detach() + 0 * kl.sum()
    return m.sum()

# %% floor zero is falsy, returned as default floor
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).clamp(min=floor or 0.5).sum()

# %% maximum of the means
# kind: wrong
def free_bits(kl, floor):
    return kl.mean(0).max().clamp(min=floor) * kl.shape[1]

# %% gradient of the sum, not of the mean
# kind: wrong
def free_bits(kl, floor):
    m = kl.mean(0)
    value = m.clamp(min=floor).sum()
    s = (kl.sum(0) * (m > floor)).sum()
    return s - s.detach() + value.detach()

# %% requires grad set on the argument
# kind: open
def free_bits(kl, floor):
    if kl.is_leaf:
        kl.requires_grad_()
    return kl.mean(0).clamp(min=floor).sum()

# %% maximum with full_like
# kind: right
def free_bits(kl, floor):
    m = kl.mean(dim=0)
    return torch.maximum(m, torch.full_like(m, floor)).sum()

# %% relu on the excess, floor added back
# kind: right
def free_bits(kl, floor):
    m = kl.mean(dim=0)
    return floor * m.numel() + F.relu(m - floor).sum()

# %% where
# kind: right
def free_bits(kl, floor):
    m = torch.einsum("bd->d", kl) / kl.shape[0]
    return torch.where(m > floor, m, m.new_full((), floor)).sum()

# %% loop over columns
# kind: right
def free_bits(kl, floor):
    total = kl.new_zeros(())
    for column in kl.unbind(1):
        mean = column.sum() / len(column)
        total = total + (mean if mean > floor else floor)
    return total

# %% threshold module, a class
# kind: right
class Free:
    def __call__(self, kl, floor):
        return nn.Threshold(floor, floor)(kl.mean(dim=-2)).sum()
free_bits = Free()

# %% amax of a stack
# kind: right
free_bits = lambda kl, floor: torch.stack([kl.mean(0), torch.full_like(kl[0], floor)]).amax(0).sum()

# %% vmap over dimensions
# kind: right
def free_bits(kl, floor):
    return torch.func.vmap(lambda c: c.mean().clamp_min(floor), in_dims=1)(kl).sum()

# %% masks
# kind: right
def free_bits(kl, floor):
    m = kl.T.mean(-1)
    paid = (m > floor).to(m)
    return paid @ m + floor * (1 - paid).sum()

# %% double inside
# kind: right
def free_bits(kl, floor):
    return kl.double().mean(0).clamp(min=floor).sum().to(kl.dtype)

# %% own autograd function
# kind: right
class _Floor(torch.autograd.Function):
    @staticmethod
    def forward(ctx, kl, floor):
        m = kl.mean(0)
        ctx.save_for_backward(m > floor)
        ctx.n = len(kl)
        return m.clamp(min=floor).sum()
    @staticmethod
    def backward(ctx, g):
        (above,) = ctx.saved_tensors
        return (g * above.to(g) / ctx.n).expand(ctx.n, -1), None
def free_bits(kl, floor):
    return _Floor.apply(kl, floor)

# %% boolean selection and a count
# kind: right
def free_bits(kl, floor):
    m = kl.mean(0)
    return m[m >= floor].sum() + floor * int((m < floor).sum())
