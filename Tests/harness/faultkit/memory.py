"""What snap-audit needs for ten times the lines of the same symbols (case M2)."""
import re
import subprocess
import time

from .cases import case
from .oracle import expect

SYMBOLS = 20
STILL = 1 << 20  # Bytes; blocks that readers hold come and go.
LINE = ('{"meta":{"timestamp_ms":%d},"context":{"source":"market","symbol":"%06d","market":"KRX","product":"stock",'
        '"feed":"trades"},"observation":{"inputs":{"price":100,"trade_size":1,"trade_time":"2026-11-26T10:00:00+09:00",'
        '"side":"buy","volume":%d,"value":%d}}}\n')


def text(count):
    """Lines of a day on which each symbol trades a share at a time."""
    def line(number):
        symbol, trade = number % SYMBOLS, number // SYMBOLS + 1
        return LINE % (1795654800000 + number // 40, symbol, trade, trade * 100)
    for begin in range(0, count, 20_000):
        yield "".join(map(line, range(begin, min(count, begin + 20_000)))).encode()


def peak(box, count, *words):
    """The most memory that an audit of so many lines held, bytes; it is looked at before the input ends."""
    program = [box.tool("snap-audit"), "--format", "ndjson", *words]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        for block in text(count):
            run.stdin.write(block)
        run.stdin.flush()
        # A pipe's buffer at most is unread; it sleeps once it has read all.
        while status(run.pid, r"State:\s+(\S)") != "S":
            time.sleep(0.01)
        most = int(status(run.pid, r"VmHWM:\s+(\d+) kB")) << 10
        out = run.communicate()[0]
    expect(run.returncode == 0, "snap-audit ended with %d" % run.returncode)
    records = sum(map(int, re.findall(rb'"audit":"subject".*?"records":(\d+)', out)))
    expect(records == count, "%d of %d records" % (records, count))
    return most


def status(pid, pattern):
    with open("/proc/%d/status" % pid) as file:
        return re.search(pattern, file.read()).group(1)


@case("M2", "1,000,000 lines instead of 100,000, same symbols", "snap-audit needs no more memory, with one reader or several")
def memory_grows_with_symbols_not_with_lines(box):
    said = []
    for words in (("--jobs", "1"), ("--jobs", "2")):
        few, many = peak(box, 100_000, *words), peak(box, 1_000_000, *words)
        expect(many <= few + STILL, "%s: %d kB for 100,000 lines, %d kB for 1,000,000" % (
            " ".join(words), few >> 10, many >> 10))
        said.append("%s: %d and %d kB" % (" ".join(words), few >> 10, many >> 10))
    return ", ".join(said)
