"""What a ranger answers on the phone page: kept, replied to in the ranger's language, and refused in words."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.delivery import Answer
from gateway.store import tables
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene
from tests.gateway.web.test_pages import words

JSON = {"accept": "application/json"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(scene: Scene) -> dict[str, int]:
    """Person → the delivery of one incursion."""
    number = scene.incursion("north-1", NOW - MINUTE, {"person": 2})
    return {person: scene.tell(number, person, NOW) for person in ("somchai", "malee", "duty")}


def speak(scene: Scene, person: str, language: str) -> None:
    with scene.store.writing() as session:
        session.get_one(tables.Person, ("thap-lan", person)).language = language


def says(site: Site, person: str, number: int, answer: str, **more: str) -> dict[str, object]:
    reply = site.client(person).post(
        "/phone/answer", data={"number": str(number), "answer": answer, **more}, headers=JSON
    )
    assert reply.status_code == 200
    return reply.json()


def kept(scene: Scene, park: str = "thap-lan") -> list[tuple[str, str, str, str]]:
    with scene.store.reading() as session:
        rows = session.scalars(select(tables.Answer).where(tables.Answer.park == park).order_by(tables.Answer.number))
        return [(row.person, row.answer, row.channel, row.note) for row in rows]


def buttons(html: str) -> list[str]:
    return re.findall(r'name="answer" value="([^"]+)"', html)


def test_an_answer_is_kept_with_its_note_and_marks_the_alert_as_seen(site: Site, scene: Scene, told: dict[str, int]):
    reply = says(site, "somchai", told["somchai"], "ready", note=" by the river ")
    assert reply["taken"] is True
    assert kept(scene) == [("somchai", "ready", "web", "by the river")]
    assert (scene.delivery(told["somchai"]).seen_at, scene.delivery(told["somchai"]).delivered_at) == (NOW, NOW)


def test_the_reply_is_in_the_persons_language_with_the_english_below(site: Site, scene: Scene, told: dict[str, int]):
    speak(scene, "somchai", "th")
    sentence = str(says(site, "somchai", told["somchai"], "ready")["sentence"])
    own, english = sentence.split("\n")
    assert re.search("[\u0e00-\u0e7f]", own)
    assert english == "EN: 1 of 2 ready. Nobody goes alone: wait for the others."


def test_the_buttons_are_those_that_make_sense_for_this_person(site: Site, told: dict[str, int]):
    ranger, officer = site.client("somchai"), site.client("duty")
    assert buttons(ranger.get("/phone").text) == ["seen", "ready", "false-alarm", "our-patrol"]
    for person in ("somchai", "malee"):
        says(site, person, told[person], "ready")
    assert "approve" not in buttons(ranger.get("/phone").text)
    assert buttons(officer.get("/phone").text)[0] == "approve"
    says(site, "duty", told["duty"], "approve")
    assert buttons(ranger.get("/phone").text) == ["on-the-way", "check-in", "help"]
    says(site, "malee", told["malee"], "on-the-way")
    says(site, "malee", told["malee"], "in-place")
    assert buttons(ranger.get("/phone").text) == [
        "check-in", "caught", "turned-back", "left", "nothing-found", "help",
    ]  # fmt: skip


def test_who_goes_and_who_approved_it_stand_on_the_signed_in_page(site: Site, told: dict[str, int]):
    for person, answer in [("somchai", "ready"), ("malee", "ready"), ("duty", "approve"), ("malee", "on-the-way")]:
        says(site, person, told[person], answer)
    said = words(site.client("somchai").get("/phone").text)
    assert "Who goes Somchai P., Malee S. approved Duty officer · 03:41 On the way Malee S. · 03:41" in said
    assert "Say that you are well before 04:11" in said


def test_a_party_that_is_approved_is_told_so_aloud(site: Site, told: dict[str, int]):
    for person, answer in [("somchai", "ready"), ("malee", "ready"), ("duty", "approve")]:
        says(site, person, told[person], answer)
    assert "APPROVED The party may go" in words(site.client("somchai").get("/phone").text)


def test_the_officer_is_called_by_an_alarm_once_a_party_is_ready(site: Site, told: dict[str, int]):
    for person in ("somchai", "malee"):
        says(site, person, told[person], "ready")
    assert 'data-alarm="approval-wanted"' in site.client("duty").get("/phone").text
    assert "data-alarm" not in site.client("somchai").get("/phone").text


def test_a_call_for_help_names_who_calls_and_where(site: Site, told: dict[str, int]):
    for person, answer in [("somchai", "ready"), ("malee", "ready"), ("duty", "approve"), ("malee", "help")]:
        says(site, person, told[person], answer)
    assert "NEED HELP Malee S. · North gate" in words(site.client("somchai").get("/phone").text)
    assert "Everybody who can help is told" in words(site.client("malee").get("/phone").text)


@pytest.mark.parametrize(
    ("before", "person", "answer", "sentence"),
    [
        pytest.param([], "somchai", "approve", "You may not do that.", id="no-officer"),
        pytest.param([("somchai", "ready")], "duty", "approve", "1 of 2 ready. Nobody goes alone", id="alone"),
        pytest.param(
            [("somchai", "ready"), ("malee", "ready"), ("duty", "approve")], "duty", "approve",
            "Somebody was quicker: Approve.", id="too-late",
        ),
        pytest.param([("duty", "false-alarm")], "somchai", "ready", "This incursion is over: False alarm.", id="over"),
    ],
)  # fmt: skip
def test_an_answer_that_changes_nothing_is_refused_in_a_sentence(  # noqa: PLR0917 - a table
    site: Site, told: dict[str, int], before: list[tuple[str, str]], person: str, answer: str, sentence: str
):
    for who, said in before:
        says(site, who, told[who], said)
    reply = says(site, person, told[person], answer)
    assert reply["taken"] is False
    assert sentence in str(reply["sentence"])


def test_without_script_the_page_comes_back_with_the_sentence(site: Site, scene: Scene, told: dict[str, int]):
    speak(scene, "somchai", "km")
    page = site.client("somchai").post("/phone/answer", data={"number": str(told["somchai"]), "answer": "approve"})
    assert '<html lang="km">' in page.text
    assert re.search(r'class="reply" role="status" data-refused>[^<]*\nEN: You may not do that\.</p>', page.text)


def test_an_answer_that_waited_on_the_phone_says_when_it_was_given(site: Site, scene: Scene, told: dict[str, int]):
    says(site, "somchai", told["somchai"], "ready", note="at the ford", waited_s="1200")
    assert kept(scene)[0][3] == "at the ford; said at 03:21, when the phone was not connected"


def test_the_same_answer_twice_is_one_person_ready(site: Site, told: dict[str, int]):
    replies = [says(site, "somchai", told["somchai"], "ready") for _ in range(2)]
    assert ["1 of 2 ready" in str(reply["sentence"]) for reply in replies] == [True, True]


@pytest.mark.parametrize(
    "who", [("somchai", "phnom"), ("duty", "phnom"), ("malee", "thap-lan"), ("duty", "thap-lan")], ids="-".join
)
def test_nobody_answers_the_alert_of_another_person(
    site: Site, scene: Scene, told: dict[str, int], who: tuple[str, str]
):
    scene.park("phnom", "Phnom Samkos", "Asia/Phnom_Penh")
    client = site.client(*who)
    answer = client.post("/phone/answer", data={"number": str(told["somchai"]), "answer": "ready"}, headers=JSON)
    assert answer.status_code == 404
    assert kept(scene) == []


@pytest.mark.parametrize(
    "data", [{"answer": "go"}, {"answer": "ready", "number": "0"}, {}], ids=["unknown", "zero", "none"]
)
def test_what_is_no_answer_is_refused(site: Site, told: dict[str, int], data: dict[str, str]):
    sent = {"number": str(told["somchai"]), **data}
    assert site.client("somchai").post("/phone/answer", data=sent, headers=JSON).status_code == 422


def test_an_alert_of_a_chat_is_answered_here_too_and_not_called_delivered_by_it(site: Site, scene: Scene):
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW, channel="telegram")
    assert "data-undelivered" not in site.client("somchai").get("/phone").text
    assert says(site, "somchai", number, "ready")["taken"] is True
    assert (scene.delivery(number).seen_at, scene.delivery(number).delivered_at) == (NOW, None)


def test_one_incursion_told_on_two_channels_is_one_alert(site: Site, scene: Scene, told: dict[str, int]):
    scene.tell(1, "somchai", NOW, channel="telegram")
    html = site.client("somchai").get("/phone").text
    assert re.findall(r'id="alert-(\d+)"', html) == [str(told["somchai"])]


def test_the_link_of_a_message_leads_a_ranger_to_the_alert(site: Site, scene: Scene):
    incursion = scene.incursion("north-1", NOW, {"person": 1})
    number = scene.tell(incursion, "somchai", NOW, channel="telegram")
    assert site.client("somchai").get(f"/incursions/{incursion}").headers["location"] == f"/phone#alert-{number}"
    assert site.client("malee").get(f"/incursions/{incursion}").status_code == 403


def test_whoever_is_in_a_group_answers_what_the_group_was_told(site: Site, scene: Scene):
    group = {"channel": "telegram", "address": "-100"}
    with scene.store.writing() as session:
        for person in ("somchai", "malee"):
            session.get_one(tables.Person, ("thap-lan", person)).channels = [group]
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW, channel="telegram")
    with scene.store.writing() as session:
        session.get_one(tables.Delivery, number).address = "-100"
    assert says(site, "malee", number, "ready")["taken"] is True
    assert kept(scene)[0][:2] == ("malee", "ready")


def test_the_large_button_never_judges(site: Site, told: dict[str, int]):
    says(site, "somchai", told["somchai"], "ready")
    assert re.findall(r'value="([^"]+)" class="main"', site.client("somchai").get("/phone").text) == []


def test_a_seen_by_the_older_way_counts_as_an_answer_once(site: Site, scene: Scene, told: dict[str, int]):
    for _ in range(2):
        site.client("somchai").post("/phone/seen", data={"number": str(told["somchai"])})
    assert [each[:2] for each in kept(scene)] == [("somchai", "seen")]


def test_a_closed_incursion_shows_its_outcome_and_no_buttons(site: Site, told: dict[str, int]):
    says(site, "duty", told["duty"], "nothing-found")
    html = site.client("somchai").get("/phone").text
    assert "OVER: Nothing found" in words(html)
    assert buttons(html) == []


def test_what_calls_for_a_person_stands_above_newer_alerts(site: Site, scene: Scene, told: dict[str, int]):
    newer = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "duty", NOW)
    for person in ("somchai", "malee"):
        says(site, person, told[person], "ready")
    assert re.findall(r'id="alert-(\d+)"', site.client("duty").get("/phone").text) == [str(told["duty"]), str(newer)]


@pytest.mark.parametrize("language", ["en", "th", "km", "lo", "vi", "ms", "id", "my"])
@pytest.mark.usefixtures("told")
def test_the_page_speaks_the_persons_language(site: Site, scene: Scene, language: str):
    speak(scene, "somchai", language)
    html = site.client("somchai").get("/phone").text
    assert f'<html lang="{language}">' in html
    assert ('<span class="en" lang="en">Ready to go</span>' in html) == (language != "en")


@pytest.mark.usefixtures("told")
def test_every_answer_has_its_words_for_the_phone_while_it_waits(site: Site):
    html = site.client("somchai").get("/phone").text
    assert 'data-waits="Ready to go: goes when connected"' in html
    assert set(buttons(html)) <= {str(each) for each in Answer}
