"""Korean time (UTC+9, no daylight saving), optionally started at a chosen instant and made to run faster."""

import datetime
import time

KST = datetime.timezone(datetime.timedelta(hours=9))


class Clock:
    """The simulator's wall clock: it may start elsewhere and run `speed` times as fast."""

    def __init__(self, start=None, speed=1.0):
        """`start`: "YYYYMMDDTHHMMSS" in KST, or None for the real time."""
        self.speed = speed
        self.began = time.time()  # real
        self.first = self.began  # simulated
        self.held = None
        self._second = -1
        self._hms = ""
        self._date = ""
        if start:
            wanted = datetime.datetime.strptime(start, "%Y%m%dT%H%M%S").replace(tzinfo=KST)
            self.first = wanted.timestamp()

    def now(self):
        """Simulated seconds since 1970."""
        return self.first + self.elapsed() * self.speed

    def elapsed(self):
        """Real seconds since the start."""
        return time.time() - self.began if self.held is None else self.held

    def hold(self, at):
        """Stops the clock `at` so many real seconds since the start: what is done until `release` has one time."""
        self.held = at

    def release(self):
        """Lets the clock go on, as if it had not stood."""
        self.held = None

    def after(self, moment):
        """Real seconds from the start to a moment of an option (see given.moment)."""
        if moment.of_day:
            day = datetime.datetime.fromtimestamp(self.first, KST).replace(hour=0, minute=0, second=0, microsecond=0)
            return (day.timestamp() + moment.seconds - self.first) / self.speed
        return moment.seconds

    def reached(self, moment):
        """True once a moment of an option has come."""
        return self.elapsed() >= self.after(moment)

    def _refresh(self):
        second = int(self.now())
        if second != self._second:
            self._second = second
            moment = datetime.datetime.fromtimestamp(second, KST)
            self._hms = moment.strftime("%H%M%S")
            self._date = moment.strftime("%Y%m%d")

    def hms(self):
        """HHMMSS."""
        self._refresh()
        return self._hms

    def date(self):
        """YYYYMMDD."""
        self._refresh()
        return self._date

    def stamp(self):
        """YYYYMMDDHHMMSS, as in PINGPONG."""
        self._refresh()
        return self._date + self._hms

    def report(self):
        """What another program needs to compute the same time: epochs of the start, and the speed."""
        return {"real": round(self.began, 3), "simulated": round(self.first, 3), "speed": self.speed}

    @staticmethod
    def readable(seconds):
        """"YYYY-MM-DD HH:MM:SS" without a zone, as in access_token_token_expired."""
        return datetime.datetime.fromtimestamp(seconds, KST).strftime("%Y-%m-%d %H:%M:%S")
