"""A secret of a channel's settings: as it is, or in a file that holds it alone. No error says what the secret is."""

from pathlib import Path

from pydantic import SecretStr


def read_secret(name: str, value: SecretStr | None, file: Path | None) -> str:
    """The secret that the settings `name` and `name`_file give between them. Raises ValueError, in a sentence."""
    if (value is None) == (file is None):
        raise ValueError(f"expected one of {name} and {name}_file")
    if file is None:
        source, text = name, value.get_secret_value() if value is not None else ""
    else:
        source, text = f"{name}_file {file}", _read(name, file)
    text = text.strip()
    if not text or not text.isprintable():
        raise ValueError(f"{source}: expected a secret in one line")
    return text


def read_optional_secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """As `read_secret`; None when neither is given."""
    return None if value is None and file is None else read_secret(name, value, file)


def _read(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise ValueError(
            f"{name}_file: {file}; expected a file with the {name} in it ({type(wrong).__name__})"
        ) from None
