"""What a photo's first bytes say of it, read before any decoder sees the rest.

WebP: RFC 9649, sections 2.3 to 2.7. JPEG: ITU T.81, annex B.
"""

from dataclasses import dataclass

LONGEST_SIDE = 2_048
"""Pixels. A preview is a few hundred pixels wide; a decoder is never asked for more memory than this needs."""


class NotAPhoto(ValueError):
    """Bytes that are no photo of a kind and size that we take."""


@dataclass(frozen=True, slots=True)
class Header:
    suffix: str
    """'webp' or 'jpg'."""
    width: int
    height: int


def read_header(image: bytes) -> Header:
    """Kind and size in pixels. Raises NotAPhoto."""
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        header = _webp(image)
    elif image[:3] == b"\xff\xd8\xff":
        header = _jpeg(image)
    else:
        raise NotAPhoto(f"photo: {len(image)} bytes that begin with {image[:8].hex(' ')!r}; expected WebP or JPEG")
    if not (0 < header.width <= LONGEST_SIDE and 0 < header.height <= LONGEST_SIDE):
        raise NotAPhoto(f"photo: {header.width} by {header.height} pixels; expected 1 to {LONGEST_SIDE} on each side")
    return header


def _webp(image: bytes) -> Header:
    if (length := int.from_bytes(image[4:8], "little") + 8) > len(image):
        raise NotAPhoto(f"photo: WebP of {length} bytes by its header, of which {len(image)} are here; expected all")
    if len(image) < 30:
        raise NotAPhoto(f"photo: WebP of {len(image)} bytes; expected at least 30")
    match image[12:16]:
        case b"VP8 ":
            if image[23:26] != b"\x9d\x01\x2a":
                raise NotAPhoto("photo: WebP whose first frame is no key frame; expected a still picture")
            width, height = (int.from_bytes(image[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        case b"VP8L":
            bits = int.from_bytes(image[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            if image[20] & 0x02:
                raise NotAPhoto("photo: an animated WebP; expected a still picture")
            width, height = (int.from_bytes(image[at : at + 3], "little") + 1 for at in (24, 27))
        case other:
            raise NotAPhoto(f"photo: WebP with a first chunk {other!r}; expected VP8, VP8L or VP8X")
    return Header("webp", width, height)


def _jpeg(image: bytes) -> Header:
    at = 2
    while at + 9 <= len(image) and image[at] == 0xFF:
        marker = image[at + 1]
        if marker == 0xFF:  # fill before a marker
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # start of frame; those three are tables
            height, width = (int.from_bytes(image[at + offset : at + offset + 2], "big") for offset in (5, 7))
            return Header("jpg", width, height)
        at += 2 + int.from_bytes(image[at + 2 : at + 4], "big")
    raise NotAPhoto(f"photo: JPEG of {len(image)} bytes without a frame header; expected a whole picture")
