"""`python -m tests.simulator SEED` runs one seed and prints its steps and the first invariant that does not hold.

`--seeds 2000 --minutes 60` runs that many from SEED on, or until the time is over, and reproduces what it finds, shrunk.
`--workers 2` shares them among two processes.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests import engines
from tests.conftest import Site
from tests.machine import have_postgres
from tests.simulator import plan_more as plans
from tests.simulator.run import Done, run, shrink

ONE_IN = 20  # seeds that run on PostgreSQL too, where the machine has it


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def tell(site: Site, seed: int, done: Done, seconds: float) -> None:
    """What a failing seed came to, as short as it gets."""
    assert done.failure
    plan, failure = shrink(site, plans.make(seed), done.failure, seconds) if seconds else (plans.make(seed), done.failure)
    say(f"seed {seed} on {site.engine}: {failure.invariant}")
    say(f"  {plan}")
    for step in plan.steps[: failure.place + 1]:
        say(f"  {step}")
    say(f"  {failure.detail}")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    asked.add_argument("seed", type=int, nargs="?", default=0)
    asked.add_argument("--seeds", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=24 * 60)
    asked.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    asked.add_argument("--shrink", type=float, default=60, metavar="SECONDS")
    asked.add_argument("--step", type=int, default=1, help="every how manieth seed, to share them among processes")
    asked.add_argument("--workers", type=int, default=1, help="so many processes, each with its share of the seeds")
    said = asked.parse_args()
    if said.workers > 1:
        return _shared(said)
    until, failed, counted = time.monotonic() + said.minutes * 60, 0, Counted()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated")))
        sites = _sites(stack, folder, said.engine)
        stack.enter_context(sites[0].app.app_context())
        for seed in range(said.seed, said.seed + said.seeds * said.step, said.step):
            if time.monotonic() > until:
                break
            for site in sites:
                if said.engine == "both" and site.engine == "postgresql" and said.seeds > 1 and seed // said.step % ONE_IN:
                    continue
                with site.app.app_context():
                    done = run(site, plans.make(seed))
                    counted.add(site.engine, done)
                    if done.failure:
                        failed += 1
                        tell(site, seed, done, said.shrink)
    say(f"{counted} from seed {said.seed} on, {failed} failures, {_minutes(resource.RUSAGE_SELF)} minutes of processor")
    return 1 if failed else 0


@dataclass
class Counted:
    """What was run, by engine, and of how many people at an activity the oracle did not speak."""

    days: Counter[str] = field(default_factory=Counter)
    scans: int = 0
    silent: int = 0
    told: int = 0

    def add(self, engine: str, done: Done) -> None:
        self.days[engine] += 1
        self.scans += done.scans
        self.silent += done.contested
        self.told += done.told

    def __str__(self) -> str:
        days = ", ".join(f"{number} on {engine}" for engine, number in self.days.items())
        return f"{self.days.total()} days ({days}), {self.scans} scans, the oracle spoke of {self.told - self.silent} of {self.told}"


def _minutes(whose: int) -> str:
    used = resource.getrusage(whose)
    return f"{(used.ru_utime + used.ru_stime) / 60:.1f}"


def _shared(said: argparse.Namespace) -> int:
    """Each seed goes to one of the processes, the last of which says how it ended."""
    command = [
        sys.executable,
        "-m",
        "tests.simulator",
        "--minutes",
        str(said.minutes),
        "--engine",
        said.engine,
        "--shrink",
        str(said.shrink),
    ]
    command += ["--step", str(said.workers)]
    shares = [len(range(worker, said.seeds, said.workers)) for worker in range(said.workers)]
    running = [subprocess.Popen([*command, str(said.seed + worker), "--seeds", str(share)]) for worker, share in enumerate(shares) if share]
    failed = sum(process.wait() != 0 for process in running)
    say(f"{len(running)} processes, {_minutes(resource.RUSAGE_CHILDREN)} minutes of processor, {failed} of them found something")
    return 1 if failed else 0


def _sites(stack: ExitStack, folder: Path, engine: str) -> list[Site]:
    sites = []
    if engine != "postgresql":
        sites.append(Site("sqlite", _made(folder / "sqlite"), None))
    if engine == "postgresql" or (engine == "both" and have_postgres()):
        server = stack.enter_context(engines.postgres_server())
        sites.append(Site("postgresql", _made(folder / "postgresql"), server))
    for site in sites:
        stack.callback(site.close)
    return sites


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
