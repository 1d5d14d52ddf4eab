"""Windows of time in which the market goes on and nothing of it is sent."""

import math


class Windows:
    """The windows of --withhold, in real seconds since the start; overlapping ones are one."""

    def __init__(self, clock, windows):
        self.clock = clock
        self.inside = False
        self.change_at = 0.0
        self.spans = []
        for start, end in sorted((clock.after(a), clock.after(b)) for a, b in windows):
            if self.spans and start <= self.spans[-1][1]:
                self.spans[-1] = (self.spans[-1][0], max(end, self.spans[-1][1]))
            elif end > start:
                self.spans.append((start, end))

    def turn(self):
        """Looks at the clock: enters or leaves a window, and finds out when to look again."""
        now = self.clock.elapsed()
        self.inside = any(start <= now < end for start, end in self.spans)
        self.change_at = min((t for span in self.spans for t in span if t > now), default=math.inf)

    def seconds(self, since=0.0):
        """Seconds of the windows that have passed, of those after `since`."""
        now = self.clock.elapsed()
        return sum(max(0.0, min(end, now) - max(start, since)) for start, end in self.spans)
