"""The program and its tests are half a million objects that stay for good. Looking through them took a sixth of a run."""

import gc


def look_less_often() -> None:
    """From the first import on: of what a program imports, nothing is garbage."""
    gc.set_threshold(20_000, 20, 50)


def leave_alone() -> None:
    """The garbage collector looks no more at what stands now. Servers do the same (web/factory.py)."""
    gc.collect()
    gc.freeze()
