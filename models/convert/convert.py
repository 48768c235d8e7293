"""NanoDet-g 416 from its TensorFlow.js graph to an int8 TFLite file. Run by convert.sh, in its own environment.

usage: convert.py SOURCE DOCUMENTATION OUT
  SOURCE         nanodet.json, with nanodet.bin beside it
  DOCUMENTATION  the folder of Debian's package opencv-doc (representative photos)
  OUT            the TFLite file to write; OUT.float.tflite is the same before quantisation
"""

import hashlib
import sys
from pathlib import Path

import unneeded  # noqa: F401 - before what imports them

# isort: split

import numpy as np
import tensorflow as tf
from representative import inputs
from tfjs_graph_converter import api
from tfjs_graph_converter.common import CompatMode

INPUT = "input_1:0"
# Scores, then distances, each for strides 8, 16, 32.
OUTPUTS = ("Identity:0", "Identity_1:0", "Identity_2:0", "Identity_3:0", "Identity_4:0", "Identity_5:0")
# One max-pool pads with minus infinity, which has no int8 scale; what it pads are leaky-ReLU activations, far above -2.
FINITE = -2.0


def finite(graph: tf.Graph) -> tf.compat.v1.GraphDef:
    """`graph` with its one infinite constant replaced; raises when there is not exactly one."""
    definition = graph.as_graph_def()
    replaced = 0
    for node in definition.node:
        if node.op != "Const" or node.attr["dtype"].type != tf.float32.as_datatype_enum:
            continue
        value = tf.make_ndarray(node.attr["value"].tensor)
        if np.isneginf(value).any():
            value = np.where(np.isneginf(value), np.float32(FINITE), value)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
            replaced += 1
    if replaced != 1:
        raise SystemExit(
            f"expected one constant of minus infinity, found {replaced}: is this another version of the model?"
        )
    return definition


def wrapped(definition: tf.compat.v1.GraphDef) -> tf.types.experimental.ConcreteFunction:
    """The graph as one function, its input and outputs in the order written above."""
    everything = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(definition, name=""), [])
    return everything.prune(
        everything.graph.get_tensor_by_name(INPUT), [everything.graph.get_tensor_by_name(name) for name in OUTPUTS]
    )


def convert(source: Path, documentation: Path, out: Path) -> None:
    graph = api.load_graph_model(str(source), compat_mode=CompatMode.TFLITE)
    function = wrapped(finite(graph))
    out.with_suffix(".float.tflite").write_bytes(
        tf.lite.TFLiteConverter.from_concrete_functions([function], function).convert()
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], function)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([photo] for photo in inputs(documentation))
    # Weights and activations int8, ends float32: the card's decoder then reads scores and bins as they are.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    out.write_bytes(converter.convert())
    print(f"{hashlib.sha256(out.read_bytes()).hexdigest()}  {out} ({out.stat().st_size:,} bytes)")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    convert(*(Path(argument) for argument in sys.argv[1:]))
