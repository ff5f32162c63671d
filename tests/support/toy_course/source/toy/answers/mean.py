"""Answers to Exercise 2 of toy: right ones, then wrong ones."""


# %% with a loop
def mean(numbers):
    total = 0
    for number in numbers:
        total += number
    return total / len(numbers)


# %% sum
# slug: sum-not-mean
# says: division by the count
def mean(numbers):
    return sum(numbers)
