"""How much memory writing takes, in a process of its own: `python -m benchmarks.one_load URL N`.

Prints as JSON the most MiB that it had taken after N articles, and after 4 N.
"""

import json
import resource
import sys
from datetime import UTC, datetime, timedelta
from itertools import batched

from benchmarks.loads import BATCH
