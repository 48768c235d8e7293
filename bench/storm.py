"""How a storm reaches one Telegram group: 50 cameras, 20 sightings a minute each, 30 incursions, real limits.

Time is driven, so that the figures are of the limits and of our decisions, not of this machine; what the machine spends
on it is the last figure.
"""

import tempfile
import time
from pathlib import Path

import structlog

from bench.report import Options, Report, run
from tests.fixtures.storm import Size, storm


def measure(report: Report, options: Options) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    size = Size(cameras=15, incursions=10) if options.quick else Size()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="sambar-storm-") as folder:
        happened = storm(Path(folder), size)
    late = list(happened.late().values())
    new = {number: len(messages) for number, messages in happened.messages.items()}
    report.figure("sightings", happened.sightings, "")
    report.figure("incursions told", len(new), f"of {size.incursions}")
    report.figure("new messages in the group", sum(new.values()), "")
    report.figure("edits", happened.calls - sum(new.values()) - happened.turned_away, "")
    report.figure("requests turned away by a limit", happened.turned_away, "")
    report.figure("first telling after the limit's own floor, median", sorted(late)[len(late) // 2], "s")
    report.figure("all told and edited after", happened.ended_after.total_seconds(), "s")
    report.figure(
        "the machine's time for each sighting", (time.perf_counter() - began) / happened.sightings * 1e3, "ms"
    )
    report.ratio("first telling after the limit's own floor, worst, in s", max(late), "<=", 5)
    worst = max(new[number] / happened.cameras[number] for number in new)
    report.ratio("new messages per incursion and camera, worst", worst, "<=", 1)
    report.ratio("incursions told / incursions", len(new) / size.incursions, ">=", 1)


if __name__ == "__main__":
    run("Storm: one group, Telegram's limits", measure)
