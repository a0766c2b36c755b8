"""`make bench`: every module here that has a `run()` gives names and ratios, merged into build/bench.json.

`python -m tests.bench boards` runs one of them and leaves the other figures as they are.
"""

import json
import pkgutil
import sys
import time
from importlib import import_module

from app.core.config import ROOT
from tests import bench

RESULT = ROOT / "build" / "bench.json"


def main(asked: list[str]) -> None:
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for found in pkgutil.iter_modules(bench.__path__):
        if found.name == "__main__" or (asked and found.name not in asked):
            continue
        run = getattr(import_module(f"tests.bench.{found.name}"), "run", None)
        if run is None:
            continue
        began = time.monotonic()
        for name, ratio in run().items():
            known[name] = ratio
            print(f"{name:32} {ratio:.3f}", flush=True)
        print(f"  {found.name}: {time.monotonic() - began:.0f} s", flush=True)
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
