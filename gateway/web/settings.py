"""What the pages need to know of their surroundings."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Values as gateway.toml gives them; `public_url` is where browsers find the pages, without a path."""

    public_url: str = "http://127.0.0.1:8080"
    session_lifetime: timedelta = timedelta(days=90)
    poll: timedelta = timedelta(milliseconds=250)
    """How often the database is asked for news, while anybody listens."""
    heartbeat: timedelta = timedelta(seconds=10)
    """A page that hears nothing for two and a half of these takes the line for dead."""
    streams: int = 200
    """How many pages may listen at once; the next one is told to come again."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError(f"public_url: {self.public_url!r}; expected http://HOST[:PORT] or https://HOST[:PORT]")

    @property
    def origin(self) -> str:
        return self.public_url.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether the cookie may demand https."""
        return urlsplit(self.public_url).scheme == "https"
