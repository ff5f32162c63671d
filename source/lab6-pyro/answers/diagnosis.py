"""Answers to Exercise 10 of lab6-pyro: right ones, then wrong ones."""

# %% from a string
diagnosis = dict(enumerate("DAF", start=1))


# %% in another order
diagnosis = {3: "F", 2: "A", 1: "D"}


# %% item by item
diagnosis = {}
diagnosis[1] = "D"
diagnosis[2] = "A "
diagnosis.update({3: "F"})


# %% as dict does it
diagnosis = dict([(1, "D"), (2, "A"), (3, "F")])


# %% small letters
diagnosis = {1: "d", 2: "a", 3: "f"}


# %% two exchanged
# slug: diagnosis-wrong
# says: 1 of 3
diagnosis = {1: "A", 2: "D", 3: "F"}


# %% too narrow
# slug: diagnosis-wrong
# says: 2 of 3
diagnosis = {1: "D", 2: "A", 3: "B"}


# %% a letter twice
# slug: diagnosis-form
# says: same letter
diagnosis = {1: "D", 2: "D", 3: "F"}


# %% a letter that is none
# slug: diagnosis-form
# says: Program 3
diagnosis = {1: "D", 2: "A", 3: "G"}


# %% a list
# slug: diagnosis-form
# says: not a dictionary
diagnosis = ["D", "A", "F"]
