"""What can be wrong with a model, each said in one sentence."""


class ModelError(Exception):
    """The model cannot be used as it is."""


class BadCard(ModelError):
    """A card is missing or has mistakes; the message names every one."""


class WeightsMissing(ModelError):
    """The weights are not on this machine; the message says how to get them."""


class WeightsAltered(ModelError):
    """The weights are not the ones that the card names."""


class FetchBroken(ModelError):
    """The download ended too early. What has come is kept, and the next try goes on from there."""


class BadManifest(ModelError):
    """A list of photos to evaluate on has mistakes; the message names every one."""
