"""gateway.toml: every mistake at once, and never a secret in a sentence."""

import re
import tomllib
from pathlib import Path

import pytest

from alerts.channels import SETTINGS
from gateway.config import BadSettings, Settings, load

EXAMPLE = Path(__file__).parents[2] / "docs" / "gateway.example.toml"


def loaded(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "gateway.toml"
    path.write_text(text)
    return load(path)


def mistakes(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadSettings) as refused:
        loaded(tmp_path, text)
    return str(refused.value)


def test_the_example_loads() -> None:
    assert load(EXAMPLE).web.port == 8080


def test_what_the_example_shows_as_defaults_are_the_defaults(tmp_path: Path) -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if "# example" not in line and "…" not in line]
    shown = "\n".join(re.sub(r"^# (?=\w+ = )", "", line) for line in lines)
    assert tomllib.loads(shown)["broker"]["port"] == 1883  # so the lines did come in
    assert loaded(tmp_path, shown) == loaded(tmp_path, "")


def test_an_empty_file_is_enough_and_keeps_everything_in_one_folder(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert settings.database.url == f"sqlite:///{tmp_path}/state/sambar.db"
    assert settings.photos.url == f"{tmp_path}/state/photos"
    assert settings.key == tmp_path / "state" / "gateway.key"
    assert settings.web.host == "127.0.0.1"


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """
        [broker]
        port = 99999
        prot = 1
        [web]
        public_url = "somewhere"
        [channels.pigeon]
        [channels.telegram]
        """,
    )
    for sentence in (
        "5 mistakes",
        "broker.port: 99999; expected: Input should be less than or equal to 65535",
        "broker.prot: there is no such setting",
        "web.public_url: 'somewhere'; expected http://HOST[:PORT]",
        "channels.pigeon: there is no such channel; expected one of: ",
        "channels.telegram: expected one of token and token_file",
    ):
        assert sentence in told


def test_a_secret_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://sambar:geheim@db/sambar\n")
    settings = loaded(tmp_path, '[database]\nurl_file = "secret"')
    assert settings.database.url == "postgresql://sambar:geheim@db/sambar"


def test_a_channels_secret_file_is_found_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("123:abc")
    assert "telegram" in loaded(tmp_path, '[channels.telegram]\ntoken_file = "token"').channels


def test_a_secret_file_of_one_of_a_channels_receivers_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a-secret-long-enough")
    text = '[channels.webhook.to.room]\nurl = "https://x.example/"\nsecret_file = "secret"'
    assert "webhook" in loaded(tmp_path, text).channels


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    assert "database.url_file: 'gone'; expected a file that can be read" in mistakes(
        tmp_path, '[database]\nurl_file = "gone"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "[database]\nurl = 5\npassword = 'geheim'",
        "[channels.telegram]\ntoken = 'geheim'",
        "[photos]\nsecret_access_key = ['geheim']",
    ],
    ids=["database", "telegram", "photos"],
)
def test_no_secret_is_shown_in_a_mistake(tmp_path: Path, text: str) -> None:
    assert "geheim" not in mistakes(tmp_path, text)


def test_the_address_to_ping_is_a_secret_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ping").write_text("https://hc-ping.com/geheim\n")
    settings = loaded(tmp_path, '[health]\nping_url_file = "ping"')
    assert settings.health.ping_url == "https://hc-ping.com/geheim"
    assert "geheim" not in repr(settings)
    told = mistakes(tmp_path, '[health]\nping_url = "geheim"')
    assert "health.ping_url: expected http://" in told
    assert "geheim" not in told


def test_a_setting_can_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMBAR_GATEWAY_BROKER__HOST", "broker.example.org")
    assert loaded(tmp_path, '[broker]\nhost = "elsewhere"').broker.host == "broker.example.org"


def test_a_file_that_is_not_there_or_not_toml_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        load(tmp_path / "none.toml")
    assert "is not TOML" in mistakes(tmp_path, "[broker")


def secrets() -> list[str]:
    """Every secret of a channel's settings, as a line of gateway.toml with a value of the wrong kind."""
    plain = [
        f"[channels.{name}]\n{field} = 918273645"
        for name, model in SETTINGS.items()
        for field, info in model.model_fields.items()
        if "SecretStr" in str(info.annotation)
    ]
    return [*plain, "[channels.webhook.to.hq]\nsecret = 918273645", "[channels.apprise.urls]\nhq = 918273645"]


@pytest.mark.parametrize("text", secrets(), ids=lambda text: text.replace("\n", " ").removesuffix(" = 918273645"))
def test_no_channels_secret_is_shown_in_a_mistake(tmp_path: Path, text: str) -> None:
    assert "918273645" not in mistakes(tmp_path, text)
