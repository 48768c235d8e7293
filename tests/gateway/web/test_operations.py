"""The response at the operations centre: where it stands, what an operator may say, and what was muted."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from alerts.decide import Pace
from alerts.delivery import Answer, Kind
from gateway.store import tables
from gateway.store.answering import answer
from gateway.store.notices import open_notice
from gateway.store.planning import Planning
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene
from tests.gateway.web.test_answers import kept
from tests.gateway.web.test_browser import Browsing
from tests.gateway.web.test_pages import words

MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(scene: Scene) -> int:
    number = scene.incursion("north-1", NOW - 2 * MINUTE, {"person": 2})
    for person in ("somchai", "malee"):
        scene.tell(number, person, NOW)
    return number


def says(site: Site, incursion: int, person: str, said: Answer, note: str = "") -> None:
    now = site.clock.now()
    assert answer(site.scene.store, "thap-lan", incursion, person, said, now=now, channel="web", note=note).taken


def approved(site: Site, incursion: int) -> None:
    for person, said in [("somchai", Answer.READY), ("malee", Answer.READY), ("duty", Answer.APPROVE)]:
        says(site, incursion, person, said)


def standing(site: Site, path: str = "/") -> tuple[str, str]:
    """Its word, and how it reads."""
    html = site.client("duty").get(path).text
    (found,) = re.findall(r'(?s)class="standing" data-standing="(\w+)">(.*?)</p>', html[html.index('id="timeline"') :])
    return found[0], words(found[1])


def test_what_nobody_has_answered_says_since_when_and_who_is_next(site: Site, scene: Scene):
    with scene.store.writing() as session:
        session.get_one(tables.Area, ("thap-lan", "north")).chief = "malee"
    scene.tell(scene.incursion("north-1", NOW - 2 * MINUTE, {"person": 1}), "somchai", NOW)
    with scene.store.writing() as session:
        session.get_one(tables.Team, ("thap-lan", "north")).members = ["somchai"]
    word, said = standing(site)
    assert word == "unanswered"
    assert said == "Unanswered 03:39 1 min ago next Malee S. at 03:51:07"


def test_each_step_of_the_answer_stands_on_the_card(site: Site, told: int):
    steps = [
        ("somchai", Answer.SEEN, "seen", "Seen Somchai P. 03:41"),
        ("somchai", Answer.READY, "ready", "1 of 2 ready Somchai P. 03:41"),
        ("malee", Answer.READY, "wanted", "Waits for approval Somchai P., Malee S. 03:41"),
        ("duty", Answer.APPROVE, "approved", "Approved by Duty officer Somchai P., Malee S. 03:41"),
        ("malee", Answer.ON_THE_WAY, "out", "On the way Somchai P., Malee S. 03:41"),
        ("somchai", Answer.IN_PLACE, "out", "In place Somchai P., Malee S. 03:41"),
        ("malee", Answer.HELP, "help", "Needs help Malee S. 03:41"),
        ("somchai", Answer.CAUGHT, "help", "Needs help Malee S. 03:41"),
        ("malee", Answer.CAUGHT, "over", "Closed: caught Malee S. 03:41"),
    ]
    for person, said, word, reads in steps:
        says(site, told, person, said)
        assert standing(site) == (word, f"{reads} 0 s ago")


def test_a_party_that_misses_its_check_in_is_overdue_in_red(site: Site, told: int):
    approved(site, told)
    says(site, told, "malee", Answer.ON_THE_WAY)
    site.clock.pass_by(31 * MINUTE)
    assert standing(site) == ("overdue", "Overdue: check-in missed Somchai P., Malee S. 04:11 1 min ago")


def test_what_wants_a_hand_stands_above_all_however_old(site: Site, scene: Scene, told: int):
    approved(site, told)
    for _ in range(31):
        scene.incursion("north-1", NOW, {"person": 1})
    client = site.client("duty")
    assert 'id="call-' not in client.get("/").text
    says(site, told, "malee", Answer.HELP)
    html = client.get("/").text
    assert f'id="incursion-{told}"' not in html
    assert f"Needs help Malee S. 03:41 0 s ago incursion {told}" in words(html)


def test_one_who_goes_alone_is_named(site: Site, told: int):
    says(site, told, "somchai", Answer.ON_THE_WAY)
    assert standing(site)[1].startswith("Out alone Somchai P.")


def test_the_page_of_an_incursion_has_each_answer_with_its_channel_and_note(site: Site, told: int):
    says(site, told, "somchai", Answer.READY, "we are <b>four</b>")
    html = site.client("duty").get(f"/incursions/{told}").text
    assert "03:41:07 Somchai P. Ready to go phone page we are &lt;b&gt;four&lt;/b&gt;" in words(html)


def test_an_operator_approves_on_the_page(site: Site, scene: Scene, told: int):
    client = site.client("duty")
    for person in ("somchai", "malee"):
        says(site, told, person, Answer.READY)
    assert 'value="approve"' in client.get(f"/incursions/{told}").text
    done = client.post(f"/incursions/{told}/answer", data={"answer": "approve", "note": "by radio"})
    assert done.headers["location"] == f"/incursions/{told}"
    assert kept(scene)[-1] == ("duty", "approve", "web", "by radio")


def test_an_operator_is_refused_in_a_sentence_too(site: Site, scene: Scene, told: int):
    page = site.client("duty").post(f"/incursions/{told}/answer", data={"answer": "approve"})
    assert 'role="alert">0 of 2 ready. Nobody goes alone' in page.text
    assert kept(scene) == []


@pytest.mark.parametrize(("person", "park", "status"), [("duty", "phnom", 404), ("somchai", "thap-lan", 403)])
def test_nobody_answers_for_a_park_that_is_not_theirs_to_run(  # noqa: PLR0917 - a table
    site: Site, scene: Scene, told: int, person: str, park: str, status: int
):
    scene.park("phnom", "Phnom Samkos")
    relay = scene.tell(told, "malee", NOW, channel="relay")
    client = site.client(person, park)
    for address in (f"/incursions/{told}/answer", f"/incursions/{told}/relayed/{relay}"):
        assert client.post(address, data={"answer": "seen"}).status_code == status
    assert kept(scene) == []
    assert scene.delivery(relay).delivered_at is None


def test_what_is_muted_is_there_with_its_reason(site: Site, scene: Scene, told: int):
    scene.tell(told, "duty", NOW, accepted=False, held="silence by malee: works at the gate", why="of the team North")
    client = site.client("duty")
    assert "1 muted" in words(client.get("/").text)
    assert "Muted, not told: silence by malee: works at the gate" in words(client.get("/").text)
    said = words(client.get(f"/incursions/{told}").text)
    assert "Why Duty officer: of the team North. Told last for: first notification." in said
    assert "muted: silence by malee: works at the gate" in said


def test_a_quiet_delivery_says_so(site: Site, scene: Scene, told: int):
    scene.tell(told, "duty", NOW, quiet=True)
    assert "Duty officer phone page · without a sound" in words(site.client("duty").get(f"/incursions/{told}").text)


def test_what_may_be_ours_names_whom_it_follows_both_ways(site: Site, scene: Scene, told: int):
    second = scene.incursion("north-1", NOW, {"person": 2})
    with scene.store.writing() as session:
        row = session.get_one(tables.Incursion, ("thap-lan", second))
        row.possibly_ours, row.follows = True, told
    client = site.client("duty")
    assert f'<b class="ours">possibly ours</b><a href="/incursions/{told}">' in client.get("/").text
    assert f"follows incursion {told}" in words(client.get(f"/incursions/{second}").text)
    assert f"followed by incursion {second}, possibly ours" in words(client.get(f"/incursions/{told}").text)


def test_a_relay_is_read_out_and_kept_as_told_by_the_operator(site: Site, scene: Scene, told: int):
    with scene.store.writing() as session:
        session.get_one(tables.Person, ("thap-lan", "malee")).channels = [{"channel": "relay", "address": "VHF 4"}]
    relay = scene.tell(told, "malee", NOW, channel="relay")
    with scene.store.writing() as session:
        session.get_one(tables.Delivery, relay).address = "VHF 4"
    client = site.client("duty")
    said = words(client.get(f"/incursions/{told}").text)
    assert "To be read out: Malee S. VHF 4 2 persons, North gate." in said
    for _ in range(2):
        client.post(f"/incursions/{told}/relayed/{relay}")
    assert scene.delivery(relay).delivered_at == NOW
    assert kept(scene) == [("duty", "seen", "relay", "read out to Malee S. (VHF 4)")]
    assert "To be read out" not in client.get(f"/incursions/{told}").text


def test_only_a_relay_is_read_out(site: Site, scene: Scene, told: int):
    other = scene.tell(told, "duty", NOW)
    assert site.client("duty").post(f"/incursions/{told}/relayed/{other}").status_code == 404
    assert scene.delivery(other).delivered_at is None


def notice(site: Site, kind: Kind, subject: str, facts: dict[str, str | float]) -> None:
    now = site.clock.now()
    with site.scene.store.writing() as session:
        row = session.get_one(tables.Park, "thap-lan")
        open_notice(
            session, Planning(session, row, now, Pace()), row, kind, subject, facts,
            since=now - 40 * MINUTE, now=now, camera="north-1", people=["somchai"],
        )  # fmt: skip


def test_open_notices_stand_above_the_timeline_with_who_is_told(site: Site):
    notice(site, Kind.CAMERA_SILENT, "north-1", {"neighbours_silent": 0, "battery_percent": 9})
    html = site.client("duty").get("/").text
    said = words(html)
    assert "Camera silent · North gate 40 min ago" in said
    assert "battery 9%" in said
    assert "Told: Somchai P. (phone page, decided)" in said
    assert html.index('class="notices"') < html.index('id="timeline"')


def test_a_mutes_notice_stands_as_long_as_the_mute(site: Site):
    until = (site.clock.now() + 5 * MINUTE).isoformat()
    notice(
        site,
        Kind.MUTED,
        "mute 1",
        {"by": "malee", "until": until, "reason": "patrol", "where": "north-1", "agreed": ""},
    )
    client = site.client("duty")
    assert "Alerts muted" in words(client.get("/notices").text)
    site.clock.pass_by(5 * MINUTE)
    assert "Alerts muted" not in words(client.get("/notices").text)


def test_a_notice_reaches_the_phone_in_its_persons_language(site: Site, scene: Scene):
    with scene.store.writing() as session:
        session.get_one(tables.Person, ("thap-lan", "somchai")).language = "th"
    notice(site, Kind.CAMERA_SILENT, "north-1", {"neighbours_silent": 0})
    with scene.store.writing() as session:
        row = session.scalars(select(tables.Delivery)).one()
        row.accepted_at, number = NOW, row.number
    client = site.client("somchai")
    html = client.get("/phone").text
    assert re.search(r'<section class="notice"[^>]*data-kind="camera-silent"', html)
    assert "EN: Camera silent · North gate" in words(html)
    client.post("/phone/seen", data={"number": str(number)})
    assert scene.delivery(number).seen_at == NOW
    assert kept(scene) == []


def test_another_parks_notices_are_not_shown(site: Site, scene: Scene):
    notice(site, Kind.CAMERA_SILENT, "north-1", {"neighbours_silent": 0})
    scene.park("phnom", "Phnom Samkos")
    assert "Camera silent" not in site.client("duty", "phnom").get("/").text


def test_an_answer_changes_the_timeline_at_once(profile: BrowserContext, site: Site, told: int):
    desk = Browsing(profile, site).open("duty")
    expect(desk.locator(".card .standing")).to_contain_text("Unanswered")
    says(site, told, "somchai", Answer.READY)
    expect(desk.locator(".card .standing")).to_contain_text("1 of 2 ready")


def test_an_operators_note_half_written_survives_the_news(profile: BrowserContext, site: Site, told: int):
    browsing = Browsing(profile, site)
    desk = browsing.open("duty")
    desk.goto(f"{site.url}/incursions/{told}")
    expect(desk.locator("#live")).to_have_text("live")
    desk.locator("textarea").fill("two bik")
    says(site, told, "somchai", Answer.READY)
    expect(desk.locator(".given")).to_contain_text("Somchai P.")
    expect(desk.locator("textarea")).to_have_value("two bik")
    assert browsing.complaints == []
