"""Scheduled work: what there is and when (plan), one at a time over all machines (locks), with a trace of each run (running)."""
