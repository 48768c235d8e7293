from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from alerts.caption import answer_label
from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from alerts.channels.fake_telegram_chats import Limits
from alerts.channels.telegram import TelegramChannel
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.telegram_wire import Patience
from alerts.clock import DrivenClock
from alerts.delivery import Accepted, Answer
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service
from tests.alerts.tellings import JPEG, SEEN, telling

CHAT = 4711
GROUP = -815
SUPERGROUP = -1_000_000_000_815
ANSWERS = (Answer.SEEN, Answer.READY, Answer.FALSE_ALARM)


class TelegramService:
    """The Telegram channel and a fake Bot API server, with one person's chat."""

    photos = True
    address = str(CHAT)
    secret = TOKEN.split(":")[1]

    def __init__(self, server: FakeTelegram, token: str = TOKEN) -> None:
        self.server = server
        self.server.add_chat(CHAT)
        self.channel = TelegramChannel(
            TelegramSettings(token=SecretStr(token), base_url=server.url),
            DrivenClock(SEEN + timedelta(seconds=4)),
            Patience(connect_s=2, read_s=2, write_s=2, photo_write_s=2),
        )

    def shown(self) -> list[Seen]:
        return [Seen(shown.text, shown.photo) for shown in self.server.shows(CHAT)]

    def lose_the_message(self) -> None:
        self.server.delete(CHAT, self.server.shows(CHAT)[-1].message_id)

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, "Internal Server Error")

    def want_a_pause(self, pause: timedelta) -> None:
        seconds = int(pause.total_seconds())
        # https://core.telegram.org/bots/api#responseparameters
        self.server.answer_next(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def shut_us_out(self) -> None:
        self.server.forbid(CHAT)

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def service() -> Iterator[TelegramService]:
    server = FakeTelegram()
    server.start()
    service = TelegramService(server)
    yield service
    service.channel.close()
    server.stop()


class TestTelegram(ChannelContract):
    pass


def tell(service: Service, address: int = CHAT) -> Accepted:
    return service.channel.tell(telling(), str(address))


@pytest.mark.parametrize(
    "why",
    [
        "bot was blocked by the user",
        "bot was kicked from the group chat",
        "user is deactivated",
        "bot can't initiate conversation with a user",
    ],
)
def test_a_chat_that_shuts_us_out_is_refused_with_telegrams_reason(service: TelegramService, why: str) -> None:
    service.server.forbid(CHAT, why)
    with pytest.raises(Refused, match=why):
        tell(service)


def test_an_unknown_chat_is_refused_with_what_to_do(service: TelegramService) -> None:
    with pytest.raises(
        Refused, match="chat not found; expected the number of a chat in which somebody has pressed Start"
    ):
        tell(service, 9999)


@pytest.mark.parametrize("address", ["@khaoyai_alerts", "malee", ""])
def test_an_address_that_is_not_a_chats_number_is_refused_without_asking(
    service: TelegramService, address: str
) -> None:
    with pytest.raises(Refused, match="expected the number of a Telegram chat"):
        service.channel.tell(telling(), address)
    assert service.server.calls == []


def test_with_a_wrong_token_everything_waits_for_the_settings_to_be_mended() -> None:
    with FakeTelegram(token="99:the-new-one") as server:  # noqa: S106 - of a bot that does not exist
        service = TelegramService(server)
        with pytest.raises(Busy, match=r"expected in channels\.telegram the token that BotFather gave"):
            tell(service)
        with pytest.raises(Busy, match="does not know the bot"):
            service.channel.check()
        service.channel.close()


def test_a_check_says_the_bots_name(service: TelegramService) -> None:
    assert service.channel.check() == "sambar_bot"


def test_an_answer_that_does_not_come_is_busy(service: TelegramService) -> None:
    released = service.server.stall_next()
    with pytest.raises(Busy, match="did not answer in time"):
        tell(service)
    released.set()


@pytest.mark.parametrize(
    ("code", "description"),
    [(500, "Internal Server Error"), (502, "Bad Gateway"), (503, "Service Unavailable"), (429, "Too Many Requests")],
)
def test_trouble_on_telegrams_side_is_busy(service: TelegramService, code: int, description: str) -> None:
    service.server.answer_next(code, description)
    with pytest.raises(Busy, match=description):
        tell(service)


def test_an_unknown_refusal_is_refused_in_telegrams_words(service: TelegramService) -> None:
    service.server.answer_next(400, "Bad Request: something new")
    with pytest.raises(Refused, match="something new"):
        tell(service)


def test_a_group_that_has_become_a_supergroup_is_followed_and_its_number_is_given_back(
    service: TelegramService,
) -> None:
    service.server.add_chat(GROUP, "group")
    service.server.migrate(GROUP, SUPERGROUP)
    accepted = tell(service, GROUP)
    (shown,) = service.server.shows(SUPERGROUP)
    assert (accepted.address, accepted.message_id) == (str(SUPERGROUP), f"{SUPERGROUP}/{shown.message_id}")


def test_an_edit_after_the_group_has_moved_is_told_anew_and_changes_nothing_of_the_new_one(
    service: TelegramService,
) -> None:
    service.server.add_chat(GROUP, "group")
    earlier = tell(service, GROUP)
    service.server.migrate(GROUP, SUPERGROUP)
    service.channel.tell(telling(incursion=43), str(SUPERGROUP))  # bears the number that `earlier` has in the old one
    accepted = service.channel.edit(telling(revision=2, counts={"person": 3}), str(GROUP), earlier)
    other, shown = service.server.shows(SUPERGROUP)
    assert (other.edits, shown.text.splitlines()[0]) == (0, "3 persons · North gate")
    assert (accepted.address, accepted.message_id) == (str(SUPERGROUP), f"{SUPERGROUP}/{shown.message_id}")


def test_an_id_from_before_ids_named_their_chat_is_edited_where_the_person_is(service: TelegramService) -> None:
    tell(service)
    service.channel.edit(telling(counts={"person": 9}), str(CHAT), Accepted("1", with_photo=True))
    (shown,) = service.server.shows(CHAT)
    assert shown.text.splitlines()[0] == "9 persons · North gate"


def buttons(service: TelegramService) -> tuple[tuple[str, ...], ...]:
    return service.server.shows(CHAT)[-1].rows


@pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
def test_answers_are_offered_as_buttons_two_in_a_row(service: TelegramService, photo: bytes | None) -> None:
    service.channel.tell(telling(photo=photo, delivery=17, answers=ANSWERS), str(CHAT))
    (shown,) = service.server.shows(CHAT)
    seen, ready, false_alarm = (answer_label(answer, "en") for answer in ANSWERS)
    assert shown.rows == ((seen, ready), (false_alarm,))
    assert list(shown.buttons.values()) == ["sambar:17:seen", "sambar:17:ready", "sambar:17:false-alarm"]


def test_every_answer_has_a_button_that_telegram_takes(service: TelegramService) -> None:
    service.channel.tell(telling(delivery=2**63, answers=tuple(Answer)), str(CHAT))
    assert sum(len(row) for row in buttons(service)) == len(Answer)


@pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
@pytest.mark.parametrize("gains", [None, JPEG], ids=["words alone", "gains a photo"])
def test_an_edit_changes_the_buttons(service: TelegramService, photo: bytes | None, gains: bytes | None) -> None:
    earlier = service.channel.tell(telling(photo=photo, answers=ANSWERS), str(CHAT))
    service.channel.edit(telling(photo=gains, answers=(Answer.CHECK_IN,)), str(CHAT), earlier)
    assert buttons(service) == ((answer_label(Answer.CHECK_IN, "en"),),)


@pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
def test_an_edit_without_answers_takes_the_buttons_away(service: TelegramService, photo: bytes | None) -> None:
    earlier = service.channel.tell(telling(photo=photo, answers=ANSWERS), str(CHAT))
    service.channel.edit(telling(photo=photo), str(CHAT), earlier)
    assert buttons(service) == ()


@pytest.mark.parametrize("quiet", [True, False], ids=["quiet", "aloud"])
@pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
def test_what_is_quiet_makes_no_sound(service: TelegramService, photo: bytes | None, quiet: bool) -> None:
    service.channel.tell(telling(photo=photo, quiet=quiet), str(CHAT))
    assert [shown.silent for shown in service.server.shows(CHAT)] == [quiet]


def test_a_message_is_withdrawn_with_its_photo(service: TelegramService) -> None:
    earlier = tell(service)
    service.channel.withdraw(str(CHAT), earlier)
    assert service.server.shows(CHAT) == []


def test_a_message_that_is_gone_already_is_withdrawn(service: TelegramService) -> None:
    earlier = tell(service)
    service.lose_the_message()
    service.channel.withdraw(str(CHAT), earlier)
    assert service.server.calls[-1] == "deleteMessage"


def test_a_message_of_two_days_ago_stays_and_that_is_said() -> None:
    now = 1000.0
    with FakeTelegram(clock=lambda: now) as server:
        service = TelegramService(server)
        earlier = tell(service)
        now += 48 * 3600
        with pytest.raises(Refused, match=r"can't be deleted; expected a message .* less than 48 hours ago"):
            service.channel.withdraw(str(CHAT), earlier)
        service.channel.close()


def test_a_message_of_a_group_that_has_moved_stays_and_nothing_of_the_new_one_is_deleted(
    service: TelegramService,
) -> None:
    service.server.add_chat(GROUP, "group")
    earlier = tell(service, GROUP)
    service.server.migrate(GROUP, SUPERGROUP)
    tell(service, SUPERGROUP)
    with pytest.raises(Refused, match="stays where it was sent"):
        service.channel.withdraw(str(SUPERGROUP), earlier)
    assert len(service.server.shows(SUPERGROUP)) == 1


def test_a_server_that_cannot_add_a_photo_to_a_text_is_sent_the_photo_anew(service: TelegramService) -> None:
    service.server.be_older()
    earlier = service.channel.tell(telling(photo=None, has_photo=False), str(CHAT))
    accepted = service.channel.edit(telling(), str(CHAT), earlier)
    assert [shown.photo for shown in service.server.shows(CHAT)] == [None, JPEG]
    assert (accepted.with_photo, accepted.message_id != earlier.message_id) == (True, True)


def test_a_photo_that_is_not_taken_leaves_the_words(service: TelegramService) -> None:
    accepted = service.channel.tell(telling(photo=b"not a photo"), str(CHAT))
    assert [shown.photo for shown in service.server.shows(CHAT)] == [None]
    assert accepted.with_photo is False


def test_a_photo_that_is_too_large_leaves_the_words(service: TelegramService) -> None:
    accepted = service.channel.tell(telling(photo=JPEG[:-2] + bytes(10 * 1024 * 1024) + JPEG[-2:]), str(CHAT))
    assert (len(service.server.shows(CHAT)), accepted.with_photo) == (1, False)


def test_a_better_photo_that_is_not_taken_leaves_the_one_that_is_there(service: TelegramService) -> None:
    earlier = tell(service)
    accepted = service.channel.edit(telling(photo=b"not a photo", counts={"person": 5}), str(CHAT), earlier)
    (shown,) = service.server.shows(CHAT)
    assert (shown.photo, shown.text.splitlines()[0]) == (JPEG, "5 persons · North gate")
    assert accepted == earlier


def test_a_photo_that_is_already_there_is_not_sent_again(service: TelegramService) -> None:
    earlier = tell(service)
    service.channel.edit(telling(counts={"person": 5}), str(CHAT), earlier)
    assert service.server.calls == ["sendPhoto", "editMessageCaption"]


def test_the_link_is_one_that_can_be_touched_and_is_not_previewed(service: TelegramService) -> None:
    service.channel.tell(telling(photo=None, link="https://park.example/incursions/42?a=1&b=2"), str(CHAT))
    (shown,) = service.server.shows(CHAT)
    assert shown.text.endswith("https://park.example/incursions/42?a=1&b=2")
    assert '<a href="https://park.example/incursions/42?a=1&amp;b=2">' in shown.source


def test_telegrams_limits_are_busy_with_its_wish() -> None:
    now = 1000.0
    with FakeTelegram(limits=Limits(per_chat_per_s=1), clock=lambda: now) as server:
        service = TelegramService(server)
        tell(service)
        with pytest.raises(Busy) as busy:
            tell(service)
        service.channel.close()
    assert busy.value.retry_after == timedelta(seconds=1)


def test_the_token_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert TelegramSettings(token_file=file).read_token() == TOKEN


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "expected one of token and token_file"),
        ({"token": TOKEN, "token_file": "/x"}, "expected one of token and token_file"),
        ({"token": "the-secret"}, "token: holds no bot token; expected what BotFather gave"),
        ({"token": "12:the-secret/../x"}, "token: holds no bot token"),
        ({"token_file": "/nowhere"}, "token_file: /nowhere; expected a file with the token in it"),
        ({"token": TOKEN, "base_url": "telegram.org"}, "base_url"),
    ],
    ids=["none", "both", "not a token", "a path in it", "no file", "no scheme"],
)
def test_wrong_settings_are_told_without_the_token(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        TelegramSettings.model_validate(settings)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_settings_do_not_show_their_token() -> None:
    assert TOKEN.split(":")[1] not in repr(TelegramSettings(token=SecretStr(TOKEN)))
