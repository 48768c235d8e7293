"""The gateway put together: wiring only. Its roles run side by side in one process, or each in processes of its own."""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import structlog

from alerts.channels import EARS, make, make_ears
from alerts.clock import SystemClock
from alerts.deliver import Dispatcher
from gateway.conductor import Conductor
from gateway.config import Settings
from gateway.hearing import Hearing
from gateway.identity import gateway_key
from gateway.inbox import Inbox, InboxSettings
from gateway.jpegs import Jpegs
from gateway.link import BrokerSettings, Link
from gateway.photos import Photos, S3Access, open_photos
from gateway.pinger import Pinger
from gateway.shared_links import PURPOSE, PhotoLinks
from gateway.store import Store, open_store
from gateway.store.ledger import StoreLedger
from gateway.store.recording import Recording
from wire.keys import SigningKey

if TYPE_CHECKING:
    from gateway.store.subscriptions import StoreSubscriptions
    from gateway.web.serve import WebServer

log = structlog.get_logger()

Role = Literal["inbox", "dispatcher", "ears", "web"]
ROLES: tuple[Role, ...] = ("inbox", "dispatcher", "ears", "web")
"""Each in any number of processes on one PostgreSQL, but `ears` in one: a service gives each word to one listener."""

ENDS_WITHIN = timedelta(seconds=5)
"""How long a role may take to finish what it has in hand. A delivery that is cut off is told again by its lease."""


WELL_WITHIN = timedelta(minutes=1)
"""A conductor that has finished no pass for so long is not well, and a server elsewhere hears no more that it is."""


class Died(RuntimeError):
    """A role ended that nobody had asked to. The process ends with it: its supervisor starts it anew."""


class Gateway:
    """Opened by `start`, ended by `stop`; `wait` in between."""

    def __init__(self, settings: Settings, roles: Iterable[Role] = ROLES) -> None:
        self._settings = settings
        self._roles = frozenset(roles)
        self._clock = SystemClock()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._death: Died | None = None
        self._stack = ExitStack()
        self._dispatcher: Dispatcher | None = None
        self._web: WebServer | None = None

    def start(self) -> None:
        """Raises StoreTrouble, PhotoTrouble, BadKey, AddressTaken, MissingAssets, RuntimeError: each one sentence."""
        try:
            settings = self._settings
            settings.gateway.state.mkdir(parents=True, exist_ok=True)
            key = gateway_key(settings.key)
            store = open_store(settings.database.url)
            self._stack.callback(store.close)
            photos = open_photos(
                settings.photos.url,
                S3Access(
                    settings.photos.endpoint,
                    settings.photos.region,
                    settings.photos.access_key_id,
                    settings.photos.secret_access_key,
                ),
            )
            self._stack.callback(photos.close)
            ledger = self._ledger(store, photos, key)
            if "dispatcher" in self._roles:
                self._start_dispatcher(store, ledger)
                self._start_conductor(store)
            if "ears" in self._roles:
                self._start_ears(store, photos)
            if "web" in self._roles:
                self._start_web(store, photos, ledger, key)
            if "inbox" in self._roles:
                link = Link(self._broker(), self._clock)
                inbox = Inbox(
                    store,
                    photos,
                    link,
                    key=key,
                    clock=self._clock,
                    settings=self._inbox_settings(),
                    stored=self._wake,
                )
                self._start_inbox(inbox, link)
            log.info("the gateway runs", roles=sorted(self._roles), key=str(key.public))
        except BaseException:
            self.stop()
            raise

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds. Raises Died when a role did by itself."""
        ended = self._ended.wait(seconds)
        if self._web is not None and not self._web.alive and not self._stopping.is_set():
            self._died("web", RuntimeError("its server stopped"))
        if self._death is not None:
            raise self._death
        return ended

    def stop(self) -> None:
        """Each role finishes what it has in hand; what was not is not acknowledged, and comes again."""
        self._stopping.set()
        self._stack.close()
        self._ended.set()

    def _photo_links(self, key: SigningKey) -> PhotoLinks:
        web = self._settings.web
        return PhotoLinks(key.derived(PURPOSE), web.origin, timedelta(hours=web.photo_links_h), self._clock)

    def _ledger(self, store: Store, photos: Photos, key: SigningKey) -> StoreLedger:
        origin = self._settings.web.origin
        return StoreLedger(
            store,
            photo=Jpegs(photos),
            photo_url=self._photo_links(key).address,
            link=lambda park, incursion: f"{origin}/incursions/{incursion}",  # noqa: ARG005 - the visitor's own park
            pace=self._settings.alerts.pace(),
        )

    def _start_dispatcher(self, store: Store, ledger: StoreLedger) -> None:
        if store.is_sqlite:
            ledger.let_go()  # a killed process's leases would keep its alerts waiting for minutes
        for channel, waiting in ledger.unserved(self._settings.channels).items():
            log.error("deliveries wait on a channel that is not set up", channel=channel, waiting=waiting)
        parts = {"web": {"subscriptions": self._subscriptions(store)}}
        channels = [make(name, settings, **parts.get(name, {})) for name, settings in self._settings.channels.items()]
        keep = timedelta(hours=self._settings.alerts.keep_photos_h)
        self._dispatcher = Dispatcher(ledger, channels, self._clock, died=self._died, keep_photos=keep)
        self._dispatcher.start()
        self._stack.callback(self._dispatcher.stop, ENDS_WITHIN)

    def _start_conductor(self, store: Store) -> None:
        conductor = Conductor(
            store,
            self._clock,
            pace=self._settings.alerts.pace(),
            channels=frozenset(self._settings.channels),
            planned=self._wake,
        )
        thread = threading.Thread(target=conductor.run, args=(self._stopping,), name="conductor", daemon=True)
        self._stack.callback(thread.join, ENDS_WITHIN.total_seconds())
        thread.start()
        if self._settings.health.ping_url is not None:
            pinger = Pinger(self._settings.health.ping_url, lambda: conductor.lately(WELL_WITHIN))
            pinger.start()
            self._stack.callback(pinger.stop)

    def _subscriptions(self, store: Store) -> "StoreSubscriptions | None":
        if self._settings.channels["web"].vapid_key_file is None:
            return None
        from gateway.store.subscriptions import StoreSubscriptions  # noqa: PLC0415 - pywebpush is heavy

        return StoreSubscriptions(store)

    def _start_ears(self, store: Store, photos: Photos) -> None:
        hearing = self._hearing(store, photos)
        for name, settings in self._settings.channels.items():
            if name not in EARS:
                continue
            ears = make_ears(name, settings)
            listen = threading.Thread(
                target=ears.listen, args=(self._stopping, hearing.heard), name=f"ears-{name}", daemon=True
            )
            self._stack.callback(listen.join, ENDS_WITHIN.total_seconds())
            listen.start()

    def _hearing(self, store: Store, photos: Photos) -> Hearing:
        return Hearing(store, self._clock, pace=self._settings.alerts.pace(), photo=Jpegs(photos), planned=self._wake)

    def _start_web(self, store: Store, photos: Photos, ledger: StoreLedger, key: SigningKey) -> None:
        from gateway.web.app import create  # noqa: PLC0415 - the pages' libraries load only where there are pages
        from gateway.web.hooks import Hooks  # noqa: PLC0415 - as above
        from gateway.web.outside import Outside, push_key  # noqa: PLC0415 - as above
        from gateway.web.serve import WebServer  # noqa: PLC0415 - as above
        from gateway.web.settings import WebSettings  # noqa: PLC0415 - as above

        web = self._settings.web
        outside = Outside(
            Hooks(self._settings.channels, self._hearing(store, photos), self._clock),
            self._photo_links(key),
            push_key(self._settings.channels["web"]),
        )
        self._stack.callback(outside.close)
        app = create(
            store, photos, ledger, WebSettings(public_url=web.origin), self._clock,
            pace=self._settings.alerts.pace(), planned=self._wake, outside=outside,
        )  # fmt: skip
        server = WebServer(app, web.host, web.port)
        server.start()
        self._stack.callback(server.stop)
        self._web = server

    def _start_inbox(self, inbox: Inbox, link: Link) -> None:
        def run() -> None:
            try:
                inbox.run(self._stopping)
            except Exception as wrong:  # noqa: BLE001 - told to whoever waits, who ends the process
                self._died("inbox", wrong)

        thread = threading.Thread(target=run, name="inbox", daemon=True)
        link.start()
        self._stack.callback(link.stop)
        thread.start()
        self._stack.callback(thread.join, ENDS_WITHIN.total_seconds())

    def _wake(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.wake()

    def _died(self, role: str, wrong: Exception) -> None:
        log.error("a role died", role=role, exc_info=wrong)
        self._death = Died(f"{role}: ended by itself ({type(wrong).__name__}: {wrong})")
        self._ended.set()

    def _broker(self) -> BrokerSettings:
        broker = self._settings.broker
        return BrokerSettings(
            host=broker.host,
            port=broker.port,
            client_id=broker.client_id,
            share=broker.share,
            tls=broker.tls,
            ca=broker.ca,
            certificate=broker.cert,
            key=broker.cert_key,
        )

    def _inbox_settings(self) -> InboxSettings:
        inbox = self._settings.inbox
        recording = Recording(
            late_after=timedelta(seconds=inbox.late_after_s),
            pace=self._settings.alerts.pace(),
            channels=frozenset(self._settings.channels),
        )
        return InboxSettings(group=inbox.group, quarantine=inbox.quarantine, recording=recording)
