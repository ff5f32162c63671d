"""Published set-ups, a TOML file each: what to train, how, and the numbers that came of it there.

set_up   SetUp: a recipe as it is trained, and the model that it makes
reading  from a TOML file, with a line for whatever is wrong in it
run      trained and measured, with their numbers beside ours

What a source does not say is listed under `not_stated` with what we chose; where we do otherwise
than it says, under `departures`.
"""
