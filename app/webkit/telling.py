"""What came of a POST, said at the top of the page that it leads to."""

from collections.abc import Callable

from flask import flash

from app.core.errors import Conflict, Invalid, Refused


def tell(work: Callable[[], object], done: str, *, faults: bool = False) -> None:
    """Do it and say `done`, or say why it could not be. What is wrong with the form is for its page: with `faults` there is none."""
    try:
        work()
    except Invalid as error:
        if not faults:
            raise
        flash("；".join(error.fields.values()), "warn")
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
    else:
        flash(done, "yes")
