"""docs/alerts.md against the code."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from alerts.channels import SETTINGS
from alerts.decide import FIRST, GREW, PHOTO_CAME

TEXT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def examples() -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for block in re.findall(r"^( *)```toml\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE):
        whole |= tomllib.loads(textwrap.dedent(block[1]))
    return whole


def test_every_channel_is_in_the_table_of_receipts() -> None:
    assert set(re.findall(r"^\| (\w+) \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE)) == {
        "channel",
        *SETTINGS,
    }


def test_every_reason_is_explained() -> None:
    for reason in (FIRST, PHOTO_CAME, GREW):
        assert f"\n| {reason} |" in TEXT


def test_the_example_settings_name_only_settings_that_there_are() -> None:
    for name, section in examples()["channels"].items():
        assert section.keys() <= SETTINGS[name].model_fields.keys()


def test_the_example_person_lists_only_channels_that_there_are() -> None:
    (person,) = examples()["person"]
    assert {each["channel"] for each in person["channels"]} <= set(SETTINGS)
