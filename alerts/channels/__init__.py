"""The ways to reach a person, a module each."""
