"""Everything that Apprise can reach, for services that have no channel of their own: https://appriseit.com/services/."""

import warnings
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import structlog
from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType

from alerts import Clock
from alerts.caption import caption
from alerts.channels.apprise_log import Hiding
from alerts.channels.apprise_settings import AppriseSettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, Refused


class AppriseChannel:
    """The address is a name in the settings. Apprise says 'taken' or 'not taken' and nothing else.

    So whatever it does not take is tried again: nobody can tell a wrong password from a service that rests.
    """

    name = "apprise"
    carries_photo = True

    def __init__(self, settings: AppriseSettings, clock: Clock | None = None) -> None:
        """Raises ValueError when Apprise cannot read a URL."""
        self._clock = clock or SystemClock()
        self._log = structlog.get_logger().bind(channel=self.name)
        urls = settings.read_urls()
        self._hiding = Hiding(urls.values())
        self._hiding.start()
        # Nothing of a service is kept on disk, and nothing is sent from threads of Apprise's own.
        self._asset = AppriseAsset(app_id="Sambar", async_mode=False, storage_mode="memory")
        self._services = {name: self._service(name, url) for name, url in urls.items()}

    def tell(self, telling: Telling, address: str) -> Accepted:
        service = self._services.get(address)
        if service is None:
            raise Busy(f"there is no channels.apprise.urls.{address:.40}; expected one of: {', '.join(self._services)}")
        words = caption(telling, self._clock.now())
        text = "\n".join([*words.lines, *([words.link] if words.link else [])])
        kind = NotifyType.INFO if telling.quiet else NotifyType.WARNING
        if telling.photo is not None and service.attachment_support:
            if self._sent(service, words.headline, text, kind, telling.photo):
                return Accepted(token_hex(8), with_photo=True)
            self._log.warning("not taken with the photo: the words go alone", name=address)
        if self._sent(service, words.headline, text, kind, None):
            return Accepted(token_hex(8), with_photo=False)
        raise Busy(
            f"Apprise could not send by channels.apprise.urls.{address}; the log has what the service said; if that"
            " lasts, check the URL"
        )

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - nothing is sent
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - nothing can be done
        raise Refused("Apprise cannot take back what was sent")

    def close(self) -> None:
        self._hiding.stop()

    def _service(self, name: str, url: str) -> NotifyBase:
        with warnings.catch_warnings():
            # Apprise loads all its plug-ins with the first URL, and some of their libraries are older than our Python.
            warnings.simplefilter("ignore", DeprecationWarning)
            service = Apprise.instantiate(url, asset=self._asset)
        if service is None:
            self._hiding.stop()
            raise ValueError(f"channels.apprise.urls.{name}: expected a URL that Apprise can read")
        return service

    def _sent(self, service: NotifyBase, title: str, text: str, kind: NotifyType, photo: bytes | None) -> bool:
        sender = Apprise(asset=self._asset)
        sender.add(service)
        with TemporaryDirectory(prefix="sambar-") as folder:
            attach = None
            if photo is not None:  # a file: not every service of Apprise's takes bytes
                file = Path(folder) / "photo.jpg"
                file.write_bytes(photo)
                attach = str(file)
            return bool(
                sender.notify(body=text, title=title, notify_type=kind, body_format=NotifyFormat.TEXT, attach=attach)
            )
