"""The decoders' names, as cards say them; apart, so that reading a card needs no numpy."""

from typing import Literal

DecoderName = Literal["nanodet", "yolox", "ssd"]
