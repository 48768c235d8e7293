"""Everything that the gateway keeps, in SQLite or PostgreSQL. `open_store` is the way in."""

from gateway.store.engine import Store, StoreTrouble, open_store

__all__ = ["Store", "StoreTrouble", "open_store"]
