"""Commands that measure the triage parts: ``python -m serve.triage.measure.clusters | intake``."""
