"""A decoder that never comes to an end by itself."""

import time

time.sleep(600)
