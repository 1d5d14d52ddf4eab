"""Korean time (UTC+9, no daylight saving), optionally started at a chosen instant."""

import datetime
import time

KST = datetime.timezone(datetime.timedelta(hours=9))


class Clock:
    """The simulator's wall clock. `offset` shifts it; it always runs at normal speed."""

    def __init__(self, start=None):
        """`start`: "YYYYMMDDTHHMMSS" in KST, or None for the real time."""
        self.offset = 0.0
        self._second = -1
        self._hms = ""
        self._date = ""
        if start:
            wanted = datetime.datetime.strptime(start, "%Y%m%dT%H%M%S").replace(tzinfo=KST)
            self.offset = wanted.timestamp() - time.time()

    def now(self):
        """Seconds since 1970, shifted."""
        return time.time() + self.offset

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

    @staticmethod
    def readable(seconds):
        """"YYYY-MM-DD HH:MM:SS" without a zone, as in access_token_token_expired."""
        return datetime.datetime.fromtimestamp(seconds, KST).strftime("%Y-%m-%d %H:%M:%S")
