"""Shadow experiments: the canary is asked about what the primary has answered, and no lead changes.

The results themselves say what is missing, so a run that was killed, and a canary that failed, are made up for by
the next run.
"""

from collections.abc import Iterator, Sequence
from itertools import batched
