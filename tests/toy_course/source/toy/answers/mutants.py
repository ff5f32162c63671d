# %% double / factor missing
# loses: double-value, double-negative
# slug: factor-missing
# says: factor 2
def double(number):
    return number


# %% mean / sum
# loses: mean-value
# slug: sum-not-mean
# says: division by the count
def mean(numbers):
    return sum(numbers)
