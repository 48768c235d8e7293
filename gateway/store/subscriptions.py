"""The browsers that take notifications, in the database: `alerts.channels.push.Subscriptions`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from alerts.channels.push import Subscription
from gateway.store import tables
from gateway.store.engine import Store

MOST = 10
"""Browsers of one person. The oldest go."""


class StoreSubscriptions:
    """Safe to share among threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, delivery: int) -> Sequence[Subscription]:
        """Of the person whom the delivery is for."""
        row = tables.Subscription
        with self._store.reading() as session:
            told = session.get(tables.Delivery, delivery)
            if told is None:
                return []
            mine = select(row).where(row.park == told.park, row.person == told.person).order_by(row.made_at)
            return [Subscription(each.endpoint, each.p256dh, each.auth) for each in session.scalars(mine)]

    def add(self, park: str, person: str, subscription: Subscription, now: datetime) -> None:
        """From now on this browser is this person's, and nobody else's."""
        row = tables.Subscription
        with self._store.writing() as session:
            session.execute(delete(row).where(row.endpoint == subscription.endpoint))
            session.add(
                row(
                    endpoint=subscription.endpoint, park=park, person=person, p256dh=subscription.p256dh,
                    auth=subscription.auth, made_at=now,
                )
            )  # fmt: skip
            session.flush()
            newest = select(row).where(row.park == park, row.person == person).order_by(row.made_at.desc())
            for old in session.scalars(newest.offset(MOST)):
                session.delete(old)

    def gone(self, endpoint: str) -> None:
        with self._store.writing() as session:
            session.execute(delete(tables.Subscription).where(tables.Subscription.endpoint == endpoint))

    def taken_back(self, park: str, person: str, endpoint: str) -> None:
        """By the person whose it is: nobody ends another's."""
        row = tables.Subscription
        mine = (row.endpoint == endpoint, row.park == park, row.person == person)
        with self._store.writing() as session:
            session.execute(delete(row).where(*mine))
