"""Answers to Exercise 2 of lab5-family: right ones, then wrong ones."""


# %% one label at a time
def class_samples(decode, z, classes):
    columns = []
    for k in range(classes):
        y = torch.full((len(z),), k, dtype=torch.long)
        columns.append(torch.sigmoid(decode(z, y)))
    return torch.stack(columns, dim=1)


# %% one code at a time
def class_samples(decode, z, classes):
    labels = torch.arange(classes)
    return torch.stack([decode(code.expand(classes, -1), labels).sigmoid() for code in z])


# %% one row at a time
def class_samples(decode, z, classes):
    rows = [
        torch.cat([decode(z[i : i + 1], torch.tensor([k])) for k in range(classes)])
        for i in range(len(z))
    ]
    return 1 / (1 + torch.exp(-torch.stack(rows)))


# %% labels first, then transposed
def class_samples(decode, z, classes):
    labels = torch.arange(classes).repeat_interleave(len(z))
    logits = decode(z.repeat(classes, 1), labels)
    return logits.reshape(classes, len(z), -1).transpose(0, 1).sigmoid()


# %% a table, broadcast and flattened
def class_samples(decode, z, classes):
    batch, latent = z.shape
    codes = z[:, None].expand(batch, classes, latent).reshape(-1, latent)
    labels = torch.arange(classes)[None].expand(batch, classes).reshape(-1)
    means = torch.distributions.Bernoulli(logits=decode(codes, labels)).mean
    return means.unflatten(0, (batch, classes))


# %% filled in
def class_samples(decode, z, classes):
    result = None
    for k in reversed(range(classes)):
        p = torch.special.expit(decode(z, torch.zeros(len(z), dtype=torch.int64) + k))
        if result is None:
            result = p.new_zeros(len(z), classes, p.shape[1])
        result[:, k] = p
    return result


# %% without gradients, by cartesian products
@torch.no_grad()
def class_samples(decode, z, classes):
    pairs = torch.cartesian_prod(torch.arange(len(z)), torch.arange(classes)).view(-1, 2)
    p = torch.sigmoid(decode(z[pairs[:, 0]], pairs[:, 1]))
    return p.view(len(z), classes, p.shape[-1])


# %% vmap over codes
def class_samples(decode, z, classes):
    labels = torch.arange(classes)
    return torch.vmap(lambda code: decode(code.expand(classes, -1), labels).sigmoid())(z)


# %% the logits
# slug: class-logits
# says: sigmoid
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    return decode(z.repeat_interleave(classes, 0), y).view(len(z), classes, -1)


# %% the sigmoid twice
# slug: class-sigmoid-twice
# says: twice
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))
    return torch.sigmoid(p).view(len(z), classes, -1)


# %% a softmax over pixels
# slug: class-softmax
# says: no softmax
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    return decode(z.repeat_interleave(classes, 0), y).softmax(-1).view(len(z), classes, -1)


# %% tossed pixels
# slug: class-thrown
# says: tossed
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))
    return torch.bernoulli(p).view(len(z), classes, -1)


# %% rounded pixels
# slug: class-thrown
# says: means are asked for
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))
    return p.round().view(len(z), classes, -1)


# %% labels first
# slug: class-transposed
# says: codes come first
def class_samples(decode, z, classes):
    columns = [torch.sigmoid(decode(z, torch.full((len(z),), k))) for k in range(classes)]
    return torch.stack(columns)


# %% one long list
# slug: class-flat
# says: each has its own
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    return torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))


# %% repeated in one order, reshaped in the other
# slug: class-scrambled
# says: another
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat_interleave(len(z))
    p = torch.sigmoid(decode(z.repeat(classes, 1), y))
    return p.view(len(z), classes, -1)


# %% both repeated in the same way
# slug: class-scrambled
# says: in another
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat(classes, 1), y))
    return p.view(len(z), classes, -1)


# %% label 0 for all
# slug: class-one-label
# says: one label only
def class_samples(decode, z, classes):
    p = torch.sigmoid(decode(z, torch.zeros(len(z), dtype=torch.long)))
    return p[:, None].repeat(1, classes, 1)


# %% averaged over labels
# slug: class-one-label
# says: averaged
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))
    return p.view(len(z), classes, -1).mean(1)


# %% the first code for all
# slug: class-one-code
# says: one code
def class_samples(decode, z, classes):
    p = torch.sigmoid(decode(z[:1].repeat(classes, 1), torch.arange(classes)))
    return p.repeat(len(z), 1, 1)


# %% the first code only
# slug: class-one-code
# says: one code
def class_samples(decode, z, classes):
    return torch.sigmoid(decode(z[:1].expand(classes, -1), torch.arange(classes)))


# %% new codes for every label
# slug: class-other-codes
# says: no new ones
def class_samples(decode, z, classes):
    columns = [
        torch.sigmoid(decode(torch.randn_like(z), torch.full((len(z),), k))) for k in range(classes)
    ]
    return torch.stack(columns, dim=1)


# %% noise on the codes
# slug: class-other-codes
# says: none of z
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    rows = z.repeat_interleave(classes, 0)
    return torch.sigmoid(decode(rows + 0.1 * torch.randn_like(rows), y)).view(len(z), classes, -1)


# %% labels from 1
# slug: class-range
# says: from 0
def class_samples(decode, z, classes):
    y = torch.arange(1, classes + 1).repeat(len(z))
    return torch.sigmoid(decode(z.repeat_interleave(classes, 0), y)).view(len(z), classes, -1)


# %% the last label is left out
# slug: class-shifted
# says: left out
def class_samples(decode, z, classes):
    columns = [torch.sigmoid(decode(z, torch.full((len(z),), k))) for k in range(classes - 1)]
    return torch.stack(columns, dim=1)


# %% labels backward
# slug: class-shifted
# says: another order
def class_samples(decode, z, classes):
    y = torch.arange(classes).flip(0).repeat(len(z))
    return torch.sigmoid(decode(z.repeat_interleave(classes, 0), y)).view(len(z), classes, -1)


# %% one label for each code
# slug: class-rows
# says: as many labels
def class_samples(decode, z, classes):
    return torch.sigmoid(decode(z, torch.arange(classes)))


# %% one-hot labels
# slug: class-rows
# says: whole numbers
def class_samples(decode, z, classes):
    y = torch.eye(classes).repeat(len(z), 1)
    return torch.sigmoid(decode(z.repeat_interleave(classes, 0), y)).view(len(z), classes, -1)


# %% labels as float32
# slug: class-rows
# says: not of torch.int64
def class_samples(decode, z, classes):
    columns = [torch.sigmoid(decode(z, torch.full((len(z),), float(k)))) for k in range(classes)]
    return torch.stack(columns, dim=1)


# %% codes without rows
# slug: class-rows
# says: it takes
def class_samples(decode, z, classes):
    return torch.stack(
        [torch.stack([decode(code, torch.tensor(k)).sigmoid() for k in range(classes)])
         for code in z]
    )  # fmt: skip


# %% ten classes, whatever was asked for
# slug: class-range
# says: decode was given the label
def class_samples(decode, z, classes):
    columns = [torch.sigmoid(decode(z, torch.full((len(z),), k))) for k in range(10)]
    return torch.stack(columns, dim=1)


# %% in float32
# slug: class-dtype
# says: dtype of the codes
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    p = torch.sigmoid(decode(z.repeat_interleave(classes, 0), y))
    return p.float().view(len(z), classes, -1)


# %% an exponential that overflows
# slug: nan
# says: large logits
def class_samples(decode, z, classes):
    y = torch.arange(classes).repeat(len(z))
    e = torch.exp(decode(z.repeat_interleave(classes, 0), y))
    return (e / (1 + e)).view(len(z), classes, -1)
