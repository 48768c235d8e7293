"""What can be wrong with something that came over the wire."""


class WireError(ValueError):
    """The base: one sentence that names the thing, its value and what was expected."""


class BadTopic(WireError):
    """A topic that is not of the form `sambar/1/{park}/{camera}/{up|down}/{kind}`, or a bad name in it."""


class BadEnvelope(WireError):
    """Bytes that are not a COSE_Sign1 message of a size that we take."""


class BadSignature(BadEnvelope):
    """A signature that does not hold for this key and this topic."""


class BadMessage(WireError):
    """A payload that is not a message of ours: every mistake in it, with its field, value and what was expected."""
