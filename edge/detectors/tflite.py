"""A TensorFlow Lite model as a detector: LiteRT, or where it is not to be had (32-bit systems) its forerunner."""

from typing import TYPE_CHECKING, cast

import numpy as np

import models
from edge.frame import Image
from models.card import Card
from models.decode import Candidates, Floats, decoder, keep
from models.detection import Box, Detection
from models.errors import ModelError
from models.letterbox import Letterbox

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


class TfliteDetector:
    """Loads the weights of `card` and runs them once on an empty frame, so that a misfit is known at the start.

    `threshold` (0 to 1) stands instead of the card's. Raises ModelError.
    """

    def __init__(self, card: Card, threads: int = 1, threshold: float | None = None) -> None:
        self.name = card.name
        self._card = card
        self._threshold = card.threshold if threshold is None else threshold
        self._classes = np.array(sorted(card.labels), np.intp)
        self._decode = decoder(card.decoder)
        self._letterbox = Letterbox(card.input)
        self._size = (card.input.width, card.input.height)
        self.interpreter = _interpreter(card, threads)
        """For measuring the network alone; hold no view of its tensors."""
        given = self.interpreter.get_input_details()
        taken = (1, 3, *self._size[::-1]) if card.input.layout == "NCHW" else (1, *self._size[::-1], 3)
        if [(tuple(each["shape"]), each["dtype"]) for each in given] != [(taken, np.float32)]:
            inputs = ", ".join(f"{tuple(map(int, each['shape']))} {each['dtype'].__name__}" for each in given)
            raise ModelError(f"model {card.name}: its weights take {inputs}; its card says {taken} float32")
        self._input = self.interpreter.tensor(given[0]["index"])
        self._outputs = [self.interpreter.tensor(each["index"]) for each in self.interpreter.get_output_details()]
        try:
            self.detect(np.zeros((self._size[1], self._size[0], 3), np.uint8))
        except (ValueError, IndexError) as wrong:
            raise ModelError(
                f"model {card.name}: the decoder {card.decoder!r} does not fit its weights: {wrong}"
            ) from None

    def detect(self, frame: Image) -> list[Detection]:
        # Views of the network's own memory: none may outlive these two calls, or `invoke` refuses.
        self._letterbox.fill(frame, self._input())
        self.interpreter.invoke()
        found = self._found()
        kept = keep(found, self._card.nms)
        boxes = self._letterbox.fractions(found.boxes[kept])
        return [
            Detection(self._card.labels[number], min(1.0, score), Box(left, top, right - left, bottom - top))
            for (left, top, right, bottom), score, number in zip(
                cast("list[list[float]]", boxes.tolist()),
                cast("list[float]", found.scores[kept].tolist()),
                cast("list[int]", found.classes[kept].tolist()),
                strict=True,
            )
            if right > left and bottom > top  # it lies wholly in the letterbox's margin
        ]

    def _found(self) -> Candidates:
        outputs = [cast(Floats, output()) for output in self._outputs]
        return self._decode(outputs, self._classes, self._threshold, self._size)


def _interpreter(card: Card, threads: int) -> "Interpreter":
    """Ready to run. Raises ModelError."""
    path = models.weights(card)
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - either is there, not both
    except ModuleNotFoundError:
        try:
            from tflite_runtime.interpreter import Interpreter  # noqa: PLC0415
        except ModuleNotFoundError:
            raise ModelError(
                "neither ai-edge-litert nor tflite-runtime is installed; install with: pip install 'sambar[edge]', or "
                "on a 32-bit system: pip install 'sambar[edge,tflite-runtime]'"
            ) from None
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as wrong:
        raise ModelError(f"model {card.name}: {path} is no TensorFlow Lite model that can be run: {wrong}") from None
    return interpreter
