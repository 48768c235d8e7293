"""A park: read from park.toml, compared with the database, brought into it, and written out again."""

from gateway.park.plan import export, plan
from gateway.park.rows import apply, park_in, park_names
from gateway.park.settings import ParkSettings, load_park

__all__ = ["ParkSettings", "apply", "export", "load_park", "park_in", "park_names", "plan"]
