"""Sync runs: asking for one, the schedule, working one to its end, and telling how it went.

A run's row is the truth about it (the queue only wakes workers): who holds its lease, how far it has proven itself
(`checkpoint`), its counts and how it ended.
"""

from callbook.models import LIVE
from callbook.sync.problems import Listed, listed_problems, problem_count, unreadable_number_count
from callbook.sync.report import run_report
from callbook.sync.runs import RunProblem, claimable, current, find, last_ended, last_proven, request
from callbook.sync.schedule import due, set_interval, start_if_due
from callbook.sync.steering import cancel, pause, resume
from callbook.sync.work import Worker

__all__ = [
    "LIVE",
    "Listed",
    "RunProblem",
    "Worker",
    "cancel",
    "claimable",
    "current",
    "due",
    "find",
    "last_ended",
    "last_proven",
    "listed_problems",
    "pause",
    "problem_count",
    "request",
    "resume",
    "run_report",
    "set_interval",
    "start_if_due",
    "unreadable_number_count",
]
