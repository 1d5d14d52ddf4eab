"""Sliding-window limit per app key, and the largest number of calls ever seen in a window."""

import collections
import time


class Window:
    """Counts events of the last `width` seconds and remembers the largest count."""

    def __init__(self, width):
        self.width = width
        self.times = collections.deque()
        self.peak = 0

    def count(self, now):
        """Events in (now - width, now]."""
        while self.times and self.times[0] <= now - self.width:
            self.times.popleft()
        return len(self.times)

    def add(self, now):
        """Records an event."""
        self.times.append(now)
        self.peak = max(self.peak, self.count(now))


class RateLimit:
    """At most `rate` granted calls in any second for one app key; 0 means no limit."""

    def __init__(self, rate):
        self.rate = rate
        self.granted = {}
        self.arrived = {}

    def allow(self, app_key):
        """Records an arrival; True when the call may be executed. A refused call costs nothing."""
        now = time.monotonic()
        self.arrived.setdefault(app_key, Window(1.0)).add(now)
        window = self.granted.setdefault(app_key, Window(1.0))
        if self.rate and window.count(now) >= self.rate:
            return False
        window.add(now)
        return True

    def peaks(self):
        """(largest arrivals in any second, largest grants in any second) over all app keys."""
        return (
            max((w.peak for w in self.arrived.values()), default=0),
            max((w.peak for w in self.granted.values()), default=0),
        )
