"""The way back: marks and feedback into the system that the hand-ins came from.

export.py       the command: marks into the file that a system gave out
feedback_zip.py the command: feedback pages in the archive that a system takes back
feedback_notebook.py the same as a notebook, for Canvas
recipients.py   who gets a mark, and by what numbers and user names a system knows them
grade_file.py   the file of a system, known by its heading, with its rows and its column
heading.py      what each system calls its columns
cells.py        a CSV file in which single cells can be replaced, and nothing else changes
wording.py      a mark as a number and as a short comment
"""
