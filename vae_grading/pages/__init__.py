"""What people read.

feedback.py   a page for each student
figures.py    the pictures on it
report.py     a page about the class
analysis.py   its numbers: difficulty, discrimination, misconceptions
similarity.py which submissions are nearly the same
templates/    these pages as HTML, and those of vae_grading.training
"""
