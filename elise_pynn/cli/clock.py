"""When the command began, before anything heavy is imported."""

import time

BEGIN = time.perf_counter()
