"""What was handed in, from a path to a notebook that can be judged.

hand_in.py   finding submissions, reading their bytes, naming what cannot be read
reading.py   bytes to cells: encodings, old formats, missing keys, what is no notebook at all
repair.py    which cell is which: by grade id, id, text and place
cell_code.py the names that a cell's code speaks of and defines
harmless.py  nothing in it that runs in a page which trusts it
"""
