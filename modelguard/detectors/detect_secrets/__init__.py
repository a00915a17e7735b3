"""The plugins of an installed detect-secrets as one more Detector, when somebody asks for them.

A plugin reads a line and names the values in it; where they stand, we look up ourselves. Nothing of the scanned tree
decides what runs: no baseline of detect-secrets is read, no file is opened for a plugin, and custom plugins are the
files that the user's own settings name. No plugin may ask the network whether a value is live.

| file | what it does |
| --- | --- |
| `detector.py` | the Detector |
| `plugins.py` | which plugins there are, and what each is called with |
| `filters.py` | the library's own heuristics of what is no secret |
| `lines.py` | a text as the lines that a plugin sees |
| `places.py` | where in a line a value stands that a plugin names |
"""

from modelguard.detectors.detect_secrets.detector import DetectSecrets

__all__ = ["DetectSecrets"]
