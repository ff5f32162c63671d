"""From a learning-management system's export to submitted/: whose notebook is it?

collect.py          the command: a zip or a folder, and what became of each file in it
collect_table.py    what it prints
delivery.py         the files of a delivery, within bounds, those in a student's own zip, too
entries.py          one file of it; the archive's names and sizes are believed in nothing
file_names.py       names in archives: encodings, what macOS leaves
learning_systems.py the forms in which each system names a file
receipts.py         what Gradescope and Blackboard put beside the files
sender.py           who it is from: system, number, user name, attempt, time
candidates.py       a delivered notebook with its sender
teams.py            who hands in together
roster.py           names and numbers, from a table that a system exports
identities.py       the store of who has been seen: two people of one name are never one
placement.py        which folder of submitted/ it goes to; an older attempt replaces no newer one
times.py            when something was handed in, as systems say it and as nbgrader writes it
attendance.py       who handed in nothing
"""
