"""The demonstration: a class that nobody teaches.

demo.py       the command
classroom.py  its students, put together from the bank of answers
"""
