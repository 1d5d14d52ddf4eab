"""Days on a virtual clock, looked at while they pass: forty symbols, and what goes wrong with them."""
import json
import os
import signal
import struct
import time

from faultkit.days import Day
from faultkit.oracle import expect

DATE = "2026-11-26"
# Long and short names, one of a fund that fills no line, a Latin one, a symbol with a letter, and one without a name.
NAMES = """005930 삼성전자|000660 SK하이닉스|373220 LG에너지솔루션|207940 삼성바이오로직스|005380 현대차|000270 기아|068270 셀트리온
105560 KB금융|035420 NAVER|055550 신한지주|012330 현대모비스|028260 삼성물산|005490 POSCO홀딩스|032830 삼성생명|138040 메리츠금융지주
009540 HD한국조선해양|329180 HD현대중공업|012450 한화에어로스페이스|086790 하나금융지주|000810 삼성화재|035720 카카오|051910 LG화학
006400 삼성SDI|015760 한국전력|033780 KT&G|402340 SK스퀘어|066570 LG전자|010130 고려아연|017670 SK텔레콤|316140 우리금융지주
030200 KT|003670 포스코퓨처엠|034730 SK|096770 SK이노베이션|259960 크래프톤|267260 TIGER 미국필라델피아반도체레버리지(합성)|024110 기업은행
0126Z0 삼성에피스홀딩스|003550 LG|047810 """.replace("\n", "|").split("|")
NAMES = dict(line.split(" ", 1) for line in NAMES)


def watched(symbol):
    """A symbol's line of the watchlist."""
    name = NAMES[symbol]
    return json.dumps({"symbol": symbol, **({"name": name} if name else {})}, ensure_ascii=False) + "\n"


class Still:
    """A time that stands still, or goes on for a moment: a server that spares its callers counts by it."""

    def __init__(self, run, path):
        self.run, self.path = run, path

    def now(self):
        """Nanoseconds of the day (shared.h)."""
        with open(self.path, "rb") as file:
            return struct.unpack("=qq", file.read(16))[1]

    def breathe(self, seconds=2):
        """Lets so much of the day pass."""
        end = self.now() + int(seconds * 1e9)
        self.go_on()
        while self.now() < end and self.run.process.poll() is None:
            time.sleep(0.001)
        os.kill(self.run.pid, signal.SIGSTOP)

    def go_on(self):
        """Lets the day pass."""
        os.kill(self.run.pid, signal.SIGCONT)


class SeenDay(Day):
    """A day whose live page is looked at: `see(name, address, still)` is called while the time stands still."""

    def __init__(self, box, see, until, sim=(), **options):
        self.see = see
        super().__init__(box, DATE, list(NAMES), "--feed", "trades", first="08:49:30", starts=["08:50"], until=until,
                         ask=[[until, until, 60]], sim=["--ticks-per-second", "1", *sim], **options)

    def watched(self, symbol):
        return watched(symbol)

    def pass_by(self, run):
        mark, end = self.box.path("look"), time.monotonic() + 3600
        while run.process.poll() is None:
            expect(time.monotonic() < end, "the day did not end: %s" % run.err[-300:])
            if os.path.exists(mark):
                with open(mark) as file:
                    told = json.load(file)
                os.remove(mark)
                self.see(told["name"], told["address"], Still(run, self.box.path("time")))
            time.sleep(0.01)
        return run.wait()


def healthy(box, see):
    """All is well."""
    return SeenDay(box, see, looks=[("08:55", "waiting"), ("10:32", "healthy")], until="10:34")


def degraded(box, see):
    """Losses, an outage of five minutes, a symbol without data, a stage that hangs."""
    faults = [("09:14", {"name": "cut"}), ("09:14", {"name": "refuse", "target": "both", "seconds": 290}),
              ("09:32", {"stage": "snap-guard", "signal": signal.SIGSTOP}),
              ("09:35", {"stage": "snap-guard", "signal": signal.SIGCONT})]
    return SeenDay(box, see, faults=faults, looks=[("09:16", "outage"), ("09:31", "degraded"), ("09:34", "blocked")],
                   until="09:37", sim=["--lose", "0.004", "--double", "0.001", "--unknown", "047810"])


def dead(box, see):
    """From ten past nine on the exchange is dead."""
    faults = [("09:10", {"name": "cut"}), ("09:10", {"name": "refuse", "target": "both", "seconds": 40000})]
    return SeenDay(box, see, faults=faults, looks=[("09:12", "dead"), ("09:40", "long-dead")], until="09:42")


DAYS = {"healthy": healthy, "degraded": degraded, "dead": dead}
