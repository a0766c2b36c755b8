"""How large a table becomes when it is read, tried in a process of its own with little memory: `python -I probe_child.py < sent.xlsx`.

calamine keeps a full rectangle from the first cell to the last, and a file of one kilobyte can put its last cell at XFD1048576: reading it
would take the server down with it. Imports nothing of the application. Ends with 0 where it may be read, with 3 where it is too wide or too
long; whoever starts it takes every other end as too large too.
"""

import io
import resource
import sys

MEMORY, SECONDS = 768 * 1024 * 1024, 30
MOST_CELLS = 4_000_000


def fits(data: bytes) -> bool:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        left = MOST_CELLS
        for meta in book.sheets_metadata:
            if meta.typ is python_calamine.SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(meta.name)
                left -= (sheet.total_height + 1) * (sheet.total_width + 1)
                if left < 0:
                    return False
    except (python_calamine.CalamineError, OSError, ValueError):
        pass  # who reads it says in words what is wrong
    return True


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(0 if fits(sys.stdin.buffer.read()) else 3)
