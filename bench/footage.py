"""The long footage that benchmarks and long tests run on: OpenCV's vtest.avi, of Debian's package opencv-doc."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

INSTALLED = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"


class NoFootage(Exception):
    """It is not here and cannot be had; the message says what to do."""


def vtest() -> Path:
    """vtest.avi (768 by 576, 10 frames a second, 795 frames), its SHA-256 checked. Raises NoFootage."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    cached = (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "sambar" / "footage" / "vtest.avi"
    for place in (INSTALLED, cached):
        if place.is_file() and _digest(place) == SHA256:
            return place
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        unpacked = _unpacked(Path(folder))
        digest = _digest(unpacked)
        if digest != SHA256:
            raise NoFootage(f"vtest.avi of Debian's opencv-doc has SHA-256 {digest}; expected {SHA256}")
        unpacked.replace(cached)
    return cached


def _unpacked(folder: Path) -> Path:
    """vtest.avi from the package, brought by apt-get into `folder`; nothing is installed."""
    remedy = "install Debian's package opencv-doc, or run this where apt-get can reach a mirror"
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NoFootage(f"vtest.avi is not here, and neither is apt-get to bring it: {remedy}")
    steps = (["apt-get", "download", "opencv-doc"], ["sh", "-c", "dpkg -x opencv-doc_*.deb ."])
    for step in steps:
        done = subprocess.run(step, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise NoFootage(f"vtest.avi is not here, and `{' '.join(step)}` failed ({said}): {remedy}")
    return folder / INSTALLED.relative_to("/")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
