"""DunLens: the conduct in a Chinese debt-collection message, as one of four legal categories.

>>> from model import Classifier
>>> [verdict.label for verdict in Classifier.load().classify(["……"])]
"""

from model.classifier import Classifier
from model.manifest import ArtifactError
from model.registration import register_when_wanted
from model.verdict import Verdict

__all__ = ["ArtifactError", "Classifier", "Verdict"]

register_when_wanted()
