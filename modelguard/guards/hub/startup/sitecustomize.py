"""Python runs this when it starts (https://docs.python.org/3/library/site.html): the guard, then whoever else waits."""

from __future__ import annotations

import modelguard_startup

modelguard_startup.begin(__file__)
modelguard_startup.hand_on(__file__)
