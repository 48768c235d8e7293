"""What waits for a receipt survives everything but a receipt."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.spool import NoRoom, Spool, Waiting
from edge.spool_file import connect
from edge.spool_order import LONGEST_WAIT_S, wait_after
from wire.envelope import digest
from wire.messages import Named, RefusedMessage
from wire.topics import Kind


def put(spool: Spool, kind: Kind = Kind.SIGHTING, size: int = 10) -> int:
    return spool.put(kind, f"up/{kind}", lambda sequence: bytes([sequence % 256]) * size)


def name_of(message: Waiting) -> Named:
    return Named(boot=message.boot, sequence=message.sequence, digest=digest(message.sealed))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite3", boot=7)
    yield spool
    spool.close()


def test_a_message_is_still_there_after_a_restart(tmp_path: Path) -> None:
    first = Spool(tmp_path / "spool.sqlite3", boot=7)
    put(first)
    first.close()
    second = Spool(tmp_path / "spool.sqlite3", boot=8)
    assert [(message.boot, message.sequence) for message in second.due(0)] == [(7, 1)]
    second.close()


def test_a_message_is_on_the_disk_when_put_returns(spool: Spool, tmp_path: Path) -> None:
    put(spool)
    other = sqlite3.connect(tmp_path / "spool.sqlite3")
    assert other.execute("SELECT count(*) FROM messages").fetchone() == (1,)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def test_the_disk_is_waited_for_at_every_commit(tmp_path: Path) -> None:
    db = connect(tmp_path / "spool.sqlite3")
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    db.close()


def test_the_first_word_goes_before_photos_and_heartbeats_whatever_came_first(spool: Spool) -> None:
    for kind in (Kind.ORIGINAL, Kind.HEALTH, Kind.PREVIEW, Kind.REPLY, Kind.SIGHTING):
        put(spool, kind)
    assert [message.kind for message in spool.due(0)] == [
        Kind.SIGHTING, Kind.REPLY, Kind.PREVIEW, Kind.HEALTH, Kind.ORIGINAL,
    ]  # fmt: skip


def test_only_a_receipt_with_the_right_digest_makes_it_forget(spool: Spool) -> None:
    put(spool)
    (message,) = spool.due(0)
    wrong = Named(boot=message.boot, sequence=message.sequence, digest=b"12345678")
    assert spool.stored([wrong]) == 0
    assert spool.waiting() == 1
    assert spool.stored([name_of(message)]) == 1
    assert spool.waiting() == 0


def test_a_message_without_receipt_is_sent_again_after_thirty_seconds_and_not_before(spool: Spool) -> None:
    put(spool)
    (message,) = spool.due(0)
    spool.sent(message, now=100)
    assert spool.due(129.9) == []
    assert spool.due(138) == [message]


def test_each_try_waits_longer_up_to_a_bound() -> None:
    assert [wait_after(attempts, 0) for attempts in (1, 2, 3)] == [30, 60, 120]
    assert wait_after(60, 1) == LONGEST_WAIT_S * 1.25


def test_a_new_link_makes_everything_due_at_once(spool: Spool) -> None:
    put(spool)
    (message,) = spool.due(0)
    spool.sent(message, now=100)
    spool.all_due()
    assert spool.due(101) == [message]


def test_photos_on_the_way_are_bounded_and_a_new_sighting_passes_them(spool: Spool) -> None:
    for _ in range(5):
        put(spool, Kind.PREVIEW, 15_000)
    first = spool.due(0, most_bytes=40_000)
    assert len(first) == 2
    for message in first:
        spool.sent(message, 0)
    assert spool.due(1, most_bytes=40_000) == []
    put(spool, Kind.SIGHTING)
    assert [message.kind for message in spool.due(1, most_bytes=40_000)] == [Kind.SIGHTING]


def test_what_got_no_receipt_in_time_does_not_block_the_way(spool: Spool) -> None:
    for _ in range(3):
        put(spool)
    for message in spool.due(0, most=2):
        spool.sent(message, 0)
        spool.sent(message, 0)  # twice: due again after a minute only
    assert spool.due(1, most=2) == []
    assert [message.sequence for message in spool.due(31, most=2)] == [3]


def test_while_the_gateway_is_silent_only_new_sightings_go(spool: Spool) -> None:
    put(spool, Kind.PREVIEW)
    put(spool, Kind.SIGHTING)
    assert [message.kind for message in spool.due(0, words_only=True)] == [Kind.SIGHTING]


def test_a_refused_message_is_set_aside_with_its_reason(spool: Spool) -> None:
    put(spool)
    (message,) = spool.due(0)
    named = name_of(message)
    refused = RefusedMessage(boot=named.boot, sequence=named.sequence, digest=named.digest, reason="counts: no")
    assert spool.refused([refused]) == 1
    assert spool.waiting() == 0
    assert spool.set_aside() == [(7, 1, "counts: no")]


def test_a_full_spool_gives_up_heartbeats_then_originals_then_previews(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.sqlite3", boot=1, most_bytes=4000)
    for kind in (Kind.PREVIEW, Kind.ORIGINAL, Kind.HEALTH, Kind.SIGHTING):
        put(spool, kind, 1000)
    kinds_left: list[set[str]] = []
    for _ in range(3):
        put(spool, Kind.SIGHTING, 1000)
        kinds_left.append({str(message.kind) for message in spool.due(0)})
    assert kinds_left == [{"sighting", "preview", "original"}, {"sighting", "preview"}, {"sighting"}]
    assert spool.shed_count == 3
    spool.close()


def test_a_full_spool_never_gives_up_a_sighting(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.sqlite3", boot=1, most_bytes=2000)
    for _ in range(5):
        put(spool, Kind.SIGHTING, 1000)
    assert spool.waiting() == 5
    with pytest.raises(NoRoom, match="5000 bytes wait and a preview of 100 bytes came; expected at most 2000"):
        put(spool, Kind.PREVIEW, 100)
    assert spool.waiting() == 5
    spool.close()


def test_a_heartbeat_does_not_push_out_a_preview(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.sqlite3", boot=1, most_bytes=1000)
    put(spool, Kind.PREVIEW, 900)
    with pytest.raises(NoRoom):
        put(spool, Kind.HEALTH, 200)
    assert [message.kind for message in spool.due(0)] == [Kind.PREVIEW]
    spool.close()


def test_a_corrupt_file_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite3"
    path.write_bytes(b"this is no database, whatever its name says" * 200)
    spool = Spool(path, boot=3)
    put(spool)
    assert spool.waiting() == 1
    assert (tmp_path / "spool.sqlite3.corrupt").read_bytes().startswith(b"this is no database")
    spool.close()


def test_a_database_with_torn_pages_is_set_aside_too(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite3"
    first = Spool(path, boot=3)
    for _ in range(200):
        put(first, Kind.PREVIEW, 5000)
    first.close()
    content = bytearray(path.read_bytes())
    content[4096:60_000] = b"\xa5" * (60_000 - 4096)
    path.write_bytes(content)
    second = Spool(path, boot=4)
    put(second)
    assert second.waiting() == 1
    assert path.with_name("spool.sqlite3.corrupt").exists()
    second.close()


def test_a_failed_seal_leaves_nothing_behind(spool: Spool) -> None:
    def fail(_: int) -> bytes:
        raise ValueError("no key")

    with pytest.raises(ValueError, match="no key"):
        spool.put(Kind.SIGHTING, "t", fail)
    assert spool.waiting() == 0
    assert put(spool) == 2


Steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from([Kind.SIGHTING, Kind.PREVIEW, Kind.HEALTH, Kind.ORIGINAL])),
        st.tuples(st.sampled_from(["send", "receipt", "forged", "restart", "link"]), st.integers(0, 5)),
    ),
    max_size=40,
)


@given(steps=Steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_a_sighting_waits_until_its_receipt_and_no_number_is_used_twice(
    steps: list[tuple[str, Kind | int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("spool") / "spool.sqlite3"
    boot, now = 1, 0.0
    spool = Spool(path, boot, most_bytes=3000)
    owed: set[tuple[int, int]] = set()
    used: set[tuple[int, int]] = set()
    for step, value in steps:
        now += 10
        if step == "put":
            assert isinstance(value, Kind)
            try:
                sequence = put(spool, value, 700)
            except NoRoom:
                assert value is not Kind.SIGHTING
                continue
            assert (boot, sequence) not in used
            used.add((boot, sequence))
            if value is Kind.SIGHTING:
                owed.add((boot, sequence))
        elif step == "send":
            for message in spool.due(now):
                spool.sent(message, now)
        elif step == "receipt":
            spool.all_due()
            for message in spool.due(now)[: int(value)]:
                spool.stored([name_of(message)])
                owed.discard((message.boot, message.sequence))
        elif step == "forged":
            spool.stored([Named(boot=boot, sequence=int(value), digest=b"forged!!")])
        elif step == "link":
            spool.all_due()
        else:
            spool.close()
            boot += 1
            spool = Spool(path, boot, most_bytes=3000)
    spool.all_due()
    waiting = {(m.boot, m.sequence) for m in spool.due(now, most=1000, most_bytes=10**9) if m.kind is Kind.SIGHTING}
    spool.close()
    assert waiting == owed
