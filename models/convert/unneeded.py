"""Empty stand-ins for what tensorflowjs imports as it loads and this conversion never calls.

Some of them cannot be installed beside TensorFlow 2.15 at all.
"""

import sys
from types import ModuleType

NAMES = (
    "tf_keras",
    "jax",
    "jax.experimental",
    "jax.experimental.jax2tf",
    "tensorflow_hub",
    "tensorflow_decision_forests",
)

for name in NAMES:
    sys.modules[name] = ModuleType(name)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, sys.modules[name])
