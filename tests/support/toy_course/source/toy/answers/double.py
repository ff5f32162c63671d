"""Answers to Exercise 1 of toy: right ones, then wrong ones."""


# %% two times
def double(number):
    return 2 * number


# %% factor missing
# slug: factor-missing
# says: factor 2
def double(number):
    return number
