import pytest

from alerts.sms_length import parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ก" * 70, 1),
        ("ก" * 71, 2),
        ("ก" * 134, 2),
        ("ก" * 135, 3),
        ("a" * 70 + "·", 2),
        ("🦌" * 35, 1),
        ("🦌" * 36, 2),
    ],
)
def test_a_text_costs_as_many_parts_as_its_alphabet_makes_it(text: str, expected: int) -> None:
    assert parts(text) == expected
