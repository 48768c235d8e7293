"""The catalogues of words: taken from the code, brought up to date, compiled. For whoever adds words or a language.

python -m alerts.catalogues          # extract into sambar.pot, update every sambar.po, compile every sambar.mo
python -m alerts.catalogues --check  # say what is missing or not up to date, and write nothing
"""

import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, write_po

from alerts.words import DOMAIN, LANGUAGES, LOCALES

ROOT = Path(__file__).parents[1]
FOLDERS = ("alerts", "gateway/web")
"""Whose Python files are looked through."""
KEYWORDS = {"say": None, "beside": None, "reply": None, "noted": None, "count": (1, 2), "noted_count": (1, 2)}
"""The functions whose first argument (or two) is to be translated."""
TEMPLATE = LOCALES / f"{DOMAIN}.pot"


class Reviewable(Catalog):
    """A catalogue that keeps who reviewed it, and no dates: those are git's to keep."""

    reviewed_by = ""

    @property
    def num_plurals(self) -> int:
        """Of every language of ours but English one, by CLDR: the noun does not change with the number. Babel's own
        table knows that of some of them only.
        """
        return 1 if self.locale else 2

    @property
    def plural_expr(self) -> str:
        return "0" if self.locale else "(n != 1)"

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        language = [("Language", str(self.locale)), ("Plural-Forms", self.plural_forms)] if self.locale else []
        return [
            ("Project-Id-Version", "sambar"),
            *language,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            *([("X-Reviewed-By", self.reviewed_by)] if self.locale else []),
            ("Content-Transfer-Encoding", "8bit\n"),  # the last one ends its line, as the others are made to
        ]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        headers = list(headers)
        self.reviewed_by = next((value for name, value in headers if name.lower() == "x-reviewed-by"), "")
        self._set_mime_headers(headers)


def extract() -> Reviewable:
    """The template: every sentence in the code, with the files that say it."""
    catalogue = Reviewable(
        fuzzy=False, header_comment="# The words of Sambar, in English. Made by python -m alerts.catalogues"
    )
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            where = path.relative_to(ROOT).as_posix()
            for line, msgid, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
                catalogue.add(msgid, locations=[(where, line)])
    return catalogue


def read(language: str) -> Reviewable:
    """The catalogue as it stands in its sambar.po; an empty one for a language that has none yet."""
    catalogue = Reviewable(locale=language, fuzzy=False, header_comment=f"# The words of Sambar: {language}")
    if (path := po(language)).exists():
        with path.open("rb") as file:
            PoFileParser(catalogue, ignore_obsolete=True, abort_invalid=True).parse(file)
    return catalogue


def po(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo(language: str) -> Path:
    return po(language).with_suffix(".mo")


def template_text(template: Catalog) -> bytes:
    return _written(template)


def catalogue_text(catalogue: Catalog, template: Catalog) -> bytes:
    """What the sambar.po should hold: each sentence of the template, and no other, with the translations there are."""
    catalogue.update(deepcopy(template), no_fuzzy_matching=True)  # it would take over the template's own messages
    catalogue.obsolete.clear()
    return _written(catalogue)


def compiled(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def flaws(catalogue: Catalog) -> Iterator[str]:
    """What a reader would stumble over, one sentence each: untranslated, or a value lost or made up."""
    for message in catalogue:
        if not message.id:
            continue
        said = _forms(message.string)
        if not said or not all(said):
            yield f"{catalogue.locale}: {message.id!r} has no translation"
        elif any(values(each) != values(_forms(message.id)[-1]) for each in said):
            yield f"{catalogue.locale}: {message.id!r} is {message.string!r}; expected the same {{values}} in both"
        elif any("\n" in each or each != each.strip() for each in said):
            yield f"{catalogue.locale}: {message.id!r} is {message.string!r}; expected one line, no spaces around it"


def values(sentence: str) -> list[str]:
    """The names in braces, sorted. Raises ValueError for braces that do not pair."""
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def _forms(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def _written(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    return file.getvalue()


def main(arguments: list[str]) -> int:
    writing = "--check" not in arguments
    template = extract()
    wrong = _brought(TEMPLATE, template_text(template), writing=writing)
    for language in LANGUAGES[1:]:
        catalogue = read(language)
        wrong += _brought(po(language), catalogue_text(catalogue, template), writing=writing)
        wrong += _brought(mo(language), compiled(catalogue), writing=writing)
        wrong += flaws(catalogue)
    sys.stderr.writelines(f"{sentence}\n" for sentence in wrong)
    return 1 if wrong else 0


def _brought(path: Path, content: bytes, *, writing: bool) -> list[str]:
    if path.exists() and path.read_bytes() == content:
        return []
    if not writing:
        return [f"{path.relative_to(ROOT)} is not up to date; python -m alerts.catalogues mends that"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
