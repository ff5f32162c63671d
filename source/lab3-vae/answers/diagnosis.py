"""Answers to Exercise 12 of lab3-vae: right ones, then wrong ones."""

# %% in another order
diagnosis = {5: "B", 4: "G", 3: "A", 2: "F", 1: "D"}


# %% small letters
diagnosis = {1: "d", 2: "f", 3: "a", 4: "g", 5: "b"}


# %% from a string
diagnosis = dict(enumerate("DFAGB", start=1))


# %% item by item
diagnosis = {}
diagnosis[1] = "D"
diagnosis[2] = "F "
diagnosis[3] = "A"
diagnosis.update({4: "G", 5: "B"})


# %% two exchanged
# slug: diagnosis-wrong
# says: 3 of 5 scripts
diagnosis = {1: "D", 2: "F", 3: "G", 4: "A", 5: "B"}


# %% a letter twice
# slug: diagnosis-form
# says: the same letter
diagnosis = {1: "D", 2: "F", 3: "A", 4: "F", 5: "B"}


# %% a letter that is none
# slug: diagnosis-form
# says: Script 5
diagnosis = {1: "D", 2: "F", 3: "A", 4: "G", 5: "H"}


# %% keys are text
# slug: diagnosis-form
# says: a letter for each
diagnosis = {"one": "D", "two": "F", "three": "A", "four": "G", "five": "B"}


# %% a list
# slug: diagnosis-form
# says: not a dictionary
diagnosis = ["D", "F", "A", "G", "B"]
