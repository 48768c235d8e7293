"""The real parts that the tests share, a module each."""

from importlib.util import find_spec

LIBRARIES = {"mosquitto": "pytest", "postgres": "psycopg", "chromium": "playwright", "message_bus": "dbus_fast"}
"""Fixture → what it needs. The wheel's own trial runs some tests without the rest of the house."""

pytest_plugins = [f"tests.fixtures.{name}" for name, library in LIBRARIES.items() if find_spec(library)]
