# %% double / two times
def double(number):
    return 2 * number


# %% mean / with a loop
def mean(numbers):
    total = 0
    for number in numbers:
        total += number
    return total / len(numbers)
