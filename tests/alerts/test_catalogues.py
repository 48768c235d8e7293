"""The catalogues against the code, and against what their languages need. `python -m alerts.catalogues` mends most."""

import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog

import models
from alerts import catalogues, terms
from alerts.catalogues import Reviewable, catalogue_text, compiled, extract, flaws, mo, po, read, template_text, values
from alerts.delivery import Alarm, Answer, Kind
from alerts.words import LANGUAGES, Words

TRANSLATED = LANGUAGES[1:]
SCRIPTS = {"th": "\u0e00-\u0e7f", "lo": "\u0e80-\u0eff", "my": "\u1000-\u109f", "km": "\u1780-\u17ff"}
OWN = {"vi": "Đã xem", "ms": "Tiada kamera {camera}.", "id": "Tidak ada kamera {camera}."}


@pytest.fixture(scope="module")
def template() -> Reviewable:
    return extract()


def test_the_template_is_what_the_code_says(template: Reviewable) -> None:
    assert catalogues.TEMPLATE.read_bytes() == template_text(template)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_templates_sentences_and_no_other(language: str, template: Reviewable) -> None:
    assert po(language).read_bytes() == catalogue_text(read(language), template)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete_and_its_values_are_intact(language: str) -> None:
    assert list(flaws(read(language))) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert mo(language).read_bytes() == compiled(read(language))


def test_there_is_a_catalogue_for_each_language_and_for_no_other() -> None:
    assert {path.name for path in catalogues.LOCALES.iterdir() if path.is_dir()} == set(TRANSLATED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_as_many_plural_forms_as_cldr_says(language: str) -> None:
    forms = len(Locale(language).plural_form.tags) + 1  # 'other' is not among the tags
    assert forms == (2 if language == "en" else read(language).num_plurals)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_header_says_that_nobody_has_reviewed_it(language: str) -> None:
    assert '"X-Reviewed-By: \\n"' in po(language).read_text(encoding="utf-8")
    assert not Words(language).reviewed


def test_a_reviewers_name_survives_an_update(
    template: Reviewable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reviewed = po("th").read_text(encoding="utf-8").replace("X-Reviewed-By: ", "X-Reviewed-By: Somsri, ranger")
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    po("th").parent.mkdir(parents=True)
    po("th").write_text(reviewed, encoding="utf-8")
    catalogue = read("th")
    assert catalogue_text(catalogue, template).decode() == reviewed
    assert b"X-Reviewed-By: Somsri, ranger" in compiled(catalogue)


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items())
def test_each_sentence_is_written_in_its_own_script(language: str, script: str) -> None:
    for message in read(language):
        for said in _forms(message.string) if message.id else ():
            assert re.search(f"[{script}]", said), message.id
            others = "".join(each for each in SCRIPTS.values() if each != script)
            assert not re.search(f"[{others}]", said), message.id


def test_languages_that_share_latin_letters_are_each_in_their_own() -> None:
    for language, sentence in OWN.items():
        assert [each for each in OWN if sentence in _all(each)] == [language]


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_but_marks_and_names_is_left_in_english(language: str) -> None:
    assert [message.id for message in read(language) if message.id and message.id == message.string] == []


def test_every_label_answer_alarm_and_kind_has_its_words() -> None:
    assert terms.ANSWERS.keys() == set(Answer)
    assert terms.ALARMS.keys() == terms.ALARM_SENTENCES.keys() == set(Alarm)
    assert terms.NOTICES.keys() == set(Kind)


def test_every_label_of_every_model_has_its_words() -> None:
    cards = [card for place in models.__path__ for card in Path(place).glob("*/card.toml")]
    labels = {label for card in cards for label in re.findall(r'^\d+ = "(\w+)"', card.read_text(), re.MULTILINE)}
    assert len(labels) > 10
    assert labels <= terms.LABELS.keys()


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ("", "has no translation"),
        ("ไม่มีกล้อง", "expected the same {values}"),
        ("ไม่มีกล้อง {cam}", "expected the same {values}"),
        ("ไม่มีกล้อง {camera} {camera}", "expected the same {values}"),
        ("ไม่มี\nกล้อง {camera}", "expected one line"),
        (" ไม่มีกล้อง {camera}", "expected one line"),
    ],
)
def test_a_flaw_in_a_translation_is_found(said: str, flaw: str) -> None:
    catalogue = Reviewable(locale="th")
    catalogue.add("No camera {camera}.", said)
    (found,) = flaws(catalogue)
    assert flaw in found
    assert "'No camera {camera}.'" in found


def test_braces_that_do_not_pair_are_an_error() -> None:
    with pytest.raises(ValueError, match="expected '}'"):
        values("No camera {camera")


def test_a_sentence_that_left_the_code_leaves_the_catalogue() -> None:
    catalogue, template = Reviewable(locale="th"), Reviewable()
    catalogue.add("Old", "เก่า")
    template.add("New")
    text = catalogue_text(catalogue, template).decode()
    assert 'msgid "New"' in text
    assert "Old" not in text


def test_checking_says_what_is_missing_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    monkeypatch.setattr(catalogues, "TEMPLATE", tmp_path / "sambar.pot")
    assert catalogues.main(["--check"]) == 1
    assert "sambar.pot is not up to date; python -m alerts.catalogues mends that" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_updating_makes_files_that_a_check_then_finds_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    monkeypatch.setattr(catalogues, "TEMPLATE", tmp_path / "sambar.pot")
    (tmp_path / "alerts").mkdir()
    (tmp_path / "alerts" / "empty.py").write_text("", encoding="utf-8")
    assert catalogues.main([]) == 0
    assert catalogues.main(["--check"]) == 0


def _all(language: str) -> set[str]:
    catalogue: Catalog = read(language)
    return {each for message in catalogue for each in _forms(message.string)}


def _forms(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())
