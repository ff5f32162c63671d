"""Answers to Exercise 13 a of lab6-pyro: right ones, then wrong ones."""


# %% by rows and columns
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return (number < quadrants).flatten()


# %% pixel by pixel
def known_pixels(quadrants, side=28):
    half, known = side // 2, []
    for i in range(side * side):
        known.append(2 * (i // side // half) + i % side // half < quadrants)
    return torch.tensor(known)


# %% a picture filled
def known_pixels(quadrants, side=28):
    h, mask = side // 2, torch.zeros(side, side, dtype=torch.bool)
    corners = [(0, 0), (0, h), (h, 0), (h, h)]
    for r, c in corners[:quadrants]:
        mask[r : r + h, c : c + h] = True
    return mask.reshape(-1)


# %% by kron
def known_pixels(quadrants, side=28):
    order = torch.tensor([[0, 1], [2, 3]])
    return (
        torch.kron(order, torch.ones(side // 2, side // 2, dtype=torch.int64)).view(-1) < quadrants
    )


# %% by repeat_interleave
def known_pixels(quadrants, side=28):
    order = torch.arange(4).view(2, 2)
    wide = order.repeat_interleave(side // 2, 0).repeat_interleave(side // 2, 1)
    return (wide < quadrants).flatten()


# %% what is not known
# slug: quadrants-unknown
# says: not known
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return (number >= quadrants).flatten()


# %% columns first
# slug: quadrants-columns-first
# says: upper right
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = (row >= side // 2) + 2 * (column >= side // 2)
    return (number < quadrants).flatten()


# %% one quadrant
# slug: quadrants-one-only
# says: both are
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return (number == quadrants - 1).flatten()


# %% from below
# slug: quadrants-upside-down
# says: Row 0
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row < side // 2) + (column >= side // 2)
    return (number < quadrants).flatten()


# %% rows of the image
# slug: quadrants-rows
# says: a square
def known_pixels(quadrants, side=28):
    return torch.arange(side * side) < quadrants * side * side // 4


# %% numbers
# slug: wrong-type
# says: bool
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return (number < quadrants).flatten().float()


# %% a picture
# slug: wrong-shape
# says: shape
def known_pixels(quadrants, side=28):
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return number < quadrants


# %% the size is fixed
# slug: wrong-shape
# says: shape
def known_pixels(quadrants, side=28):
    side = 28
    row, column = torch.arange(side)[:, None], torch.arange(side)
    number = 2 * (row >= side // 2) + (column >= side // 2)
    return (number < quadrants).flatten()


# %% clockwise
# slug: quadrants-clockwise
# says: 3 of 4
def known_pixels(quadrants, side=28):
    half = torch.arange(side) // (side // 2)
    return (2 * half[:, None] + (half - half[:, None]).abs()).flatten() < quadrants


# %% one more
# slug: quadrants-off-by-one
# says: of 4
def known_pixels(quadrants, side=28):
    half = torch.arange(side) // (side // 2)
    return (2 * half[:, None] + half).flatten() <= quadrants
