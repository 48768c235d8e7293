"""The camera's time and how good it is."""

import pytest

from edge import clock as clocks
from edge.clock import SystemClock
from wire.messages import ClockQuality


@pytest.mark.parametrize(("setting", "quality"), [("unset", ClockQuality.UNSET), ("gnss", ClockQuality.GNSS)])
def test_a_setting_says_better_than_the_kernel(setting: clocks.ClockSetting, quality: ClockQuality) -> None:
    assert SystemClock(setting).quality() is quality


def test_the_kernel_is_asked_whether_its_clock_is_disciplined() -> None:
    assert SystemClock("auto").quality() in {ClockQuality.UNSET, ClockQuality.NETWORK}


@pytest.mark.parametrize(("held", "quality"), [(True, ClockQuality.NETWORK), (False, ClockQuality.UNSET)])
def test_a_disciplined_clock_counts_as_set_by_the_network(
    held: bool, quality: ClockQuality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "_disciplined", lambda: held)
    assert SystemClock().quality() is quality


def test_time_has_its_zone_and_uptime_only_grows() -> None:
    clock = SystemClock()
    first = clock.uptime_ms()
    assert clock.now().utcoffset() is not None
    assert 0 <= first <= clock.uptime_ms()
