"""docs/channels/line.md and whatsapp.md against the code."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import SETTINGS
from alerts.channels.whatsapp_answers import ACCOUNT, IN_TROUBLE, NEVER, TEMPLATE, THROTTLED

DOCS = Path(__file__).parents[3] / "docs" / "channels"


@pytest.mark.parametrize("name", ["line", "whatsapp"])
def test_the_example_settings_can_be_read(name: str, tmp_path: Path) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^ *```toml\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    section: dict[str, Any] = tomllib.loads(textwrap.dedent(block))["channels"][name]
    for setting in [each for each in section if each.endswith("_file")]:
        section[setting] = tmp_path / setting
        section[setting].write_text("a-secret")
    assert SETTINGS[name].model_validate(section)


def test_every_code_of_whatsapp_is_explained() -> None:
    text = (DOCS / "whatsapp.md").read_text(encoding="utf-8")
    named = {int(code) for code in re.findall(r"\b\d+\b", text)} | set(range(132000, 132017))
    assert ACCOUNT.keys() | TEMPLATE.keys() | NEVER.keys() | THROTTLED | IN_TROUBLE <= named
