"""The real parts that the tests share, a module each."""

pytest_plugins = ["tests.fixtures.mosquitto", "tests.fixtures.postgres", "tests.fixtures.chromium"]
