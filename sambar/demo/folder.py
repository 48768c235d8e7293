"""The demo's own folder: keys and the three settings files, as a park would write them."""

import json
from dataclasses import dataclass
from pathlib import Path

from wire.keys import SigningKey

PARK, CAMERA, RANGER, SECOND, OPERATOR = "demo", "CAM-01", "malee", "somchai", "operations"

WALKERS = Path(__file__).parents[1] / "footage" / "walkers.mp4"
"""24 seconds of people walking; sambar/footage/NOTICE says whose."""

REST_S = 45
"""Between two rounds of the footage, longer than the demo's `gap_s`: each round is an incursion of its own."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo's parts meet."""

    folder: Path
    broker_port: int
    web_host: str
    web_port: int
    public_url: str

    @property
    def camera_settings(self) -> Path:
        return self.folder / "camera.toml"

    @property
    def gateway_settings(self) -> Path:
        return self.folder / "gateway.toml"

    @property
    def park_settings(self) -> Path:
        return self.folder / "park.toml"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'gateway' / 'sambar.db'}"


def source_settings(source: str | None, *, once: bool) -> str:
    """The `[source]` section for what `--source` names: a webcam's number, a folder, a file or an address."""
    if source is None:
        rounds = "" if once else f"loop = true\nrest_s = {REST_S}\n"
        return f'kind = "video"\npath = {json.dumps(str(WALKERS))}\n{rounds}'
    if source.isdecimal():
        return f'kind = "webcam"\nnumber = {source}'
    if "://" in source:
        return f'kind = "video"\npath = {json.dumps(source)}'
    path = Path(source).absolute()
    if path.is_dir():
        return f'kind = "folder"\npath = {json.dumps(str(path))}'
    return f'kind = "video"\npath = {json.dumps(str(path))}\nloop = {json.dumps(not once)}'


def write(places: Places, source: str) -> None:
    """Make the keys and settings files. `source` is the text of camera.toml's `[source]` section."""
    (places.folder / "gateway").mkdir(parents=True, exist_ok=True)
    gateway_key, camera_key = SigningKey.make(), SigningKey.make()
    gateway_key.save(places.folder / "gateway" / "gateway.key")
    camera_key.save(places.folder / "camera.key")
    places.camera_settings.write_text(
        f"""\
[camera]
park = "{PARK}"
name = "{CAMERA}"
key = "camera.key"
state = "camera"

[source]
{source}

[broker]
host = "127.0.0.1"
port = {places.broker_port}
gateway_key = "{gateway_key.public}"

[canary]
enabled = false
"""
    )
    places.gateway_settings.write_text(
        f"""\
[gateway]
state = "gateway"
key = "gateway/gateway.key"

[database]
url = {json.dumps(places.database)}

[photos]
url = {json.dumps((places.folder / "gateway" / "photos").as_uri())}

[broker]
host = "127.0.0.1"
port = {places.broker_port}

[web]
host = "{places.web_host}"
port = {places.web_port}
public_url = "{places.public_url}"
"""
    )
    places.park_settings.write_text(
        f"""\
[park]
name = "{PARK}"
title = "Sambar demo park"
zone = "Asia/Bangkok"

[grouping]
gap_s = 20

[response]                # short, to be seen within a minute; a park's own are minutes
next_in_line_s = 20
chief_s = 60
delivered_s = 15
check_in_s = 60

[[area]]
name = "north"
title = "Northern edge"
team = "north"

[[camera]]
name = "{CAMERA}"
area = "north"
place = "Bamboo ford, north trail"
key = "{camera_key.public}"
latitude = 14.2
longitude = 101.9

[[team]]
name = "north"
title = "Northern team"
members = ["{RANGER}", "{SECOND}"]
shift = [{{ begins = "00:00", ends = "00:00", members = ["{RANGER}"], officer = "{OPERATOR}" }}]

[[person]]
name = "{RANGER}"
title = "Malee (ranger)"
role = "ranger"
language = "en"
channels = [{{ channel = "web", address = "{RANGER}" }}]

[[person]]
name = "{SECOND}"
title = "Somchai (ranger)"
role = "ranger"
language = "th"
channels = [{{ channel = "web", address = "{SECOND}" }}]

[[person]]
name = "{OPERATOR}"
title = "Operations desk"
role = "operator"
language = "en"
"""
    )
