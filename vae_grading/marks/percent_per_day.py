"""A policy for late work beside nbgrader's own two (`none` and `zero`).

In nbgrader_config.py:
c.AssignLatePenalties.plugin_class = "vae_grading.marks.percent_per_day.PercentPerDay"
c.PercentPerDay.percent = 10
"""

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

DAY = 86_400.0  # seconds


class PercentPerDay(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader has no types
    """A share of the points earned for each day that has begun after the due date.

    >>> PercentPerDay().late_submission_penalty("ada", 40.0, 1.2 * DAY)  # two days, 10 % each
    8.0
    """

    percent = Float(10.0, min=0, help="Of the points earned, for each day begun.").tag(config=True)
    grace_minutes = Float(10.0, min=0, help="Late by less costs nothing.").tag(config=True)
    most_percent = Float(100.0, min=0, max=100, help="No more is taken off.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Points to take off, of `score` points for work that is so many seconds late."""
        if total_seconds_late <= 60 * self.grace_minutes:
            return 0.0
        share = min(math.ceil(total_seconds_late / DAY) * self.percent, self.most_percent)
        return score * share / 100
