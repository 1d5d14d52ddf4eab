"""What happens on the simulated day, scene by scene (KIS.md's sessions, auctions, VI, halts; the rules of the exchange)."""
from fuzzkit.market_day import TODAY, TOMORROW, YESTERDAY, MarketDay

CROSSED = {"bid_price": 72000, "ask_price": 71000}  # what an auction may show


def share(day):
    """A share at KRX: both auctions, a VI, a halt, a gap, the after-market."""
    one = day.subject("stock", "KRX", "005930", 71000)
    for minute in range(30, 60, 5):
        one.book("08:%d:00" % minute, 71000, **CROSSED)
    one.session = "pre"
    one.trade("09:00:03", 71500, size=200_607)
    one.session = "regular"
    one.steady("09:00:05", "10:15:00", 15, (71500, 71600, 71550.0, 71400))
    one.status("10:15:00", vi="Y")
    for second in ("30", "59"):
        one.book("10:15:" + second, 71000, **CROSSED)
    one.status("10:17:00", vi="N")
    one.trade("10:17:02", 79500, "STEP", size=100, vi_price=71500)  # 11 % after the VI: real
    one.steady("10:17:10", "11:00:00", 15, (79500, 79600, 79400))
    one.status("11:00:00", "HALTED", halted=True)
    one.book("11:05:00", 79500, "HALTED", **CROSSED)
    one.tell("price", one.at("11:10:00"), {"price": 79500, "volume": one.volume, "prev_close": 71000}, ("HALTED",))
    one.status("11:20:00", halted=False)
    one.trade("11:20:09", 70000, "STEP", size=50)  # -12 % after the halt: real
    one.steady("11:20:20", "13:00:00", 15, (70000, 70100, 70050))
    one.gap("13:00:00", "trades", final=False)
    one.gap("13:00:00", "book", final=False)
    one.gap("13:01:00", "trades")
    one.gap("13:01:00", "book")
    one.trade("13:01:01", 77500, "STEP", "AFTER_GAP")  # 11 % went unseen
    one.book("13:01:02", 77500, "AFTER_GAP")
    one.steady("13:01:10", "15:20:00", 15, (77500, 77600))
    for minute in range(20, 30, 3):
        one.book("15:%d:00" % minute, 77500, **CROSSED)
    one.trade("15:30:10", 77600, "VOLUME_BURST", size=250_000)
    one.session = "after"
    one.steady("16:00:00", "20:00:00", 60, (77600, 77500))


def venues(day):
    """The same share at NXT and in UN."""
    nxt = day.subject("stock", "NXT", "005930", 71000)
    nxt.steady("08:00:00", "08:50:00", 30, (71200, 71300))
    nxt.steady("09:00:30", "15:20:00", 60, (71200, 71300))
    nxt.trade("15:40:05", 71300, "VOLUME_BURST", size=5000)
    nxt.steady("15:41:00", "20:00:00", 60, (71200, 71300))
    both = day.subject("stock", "UN", "005930", 71000)
    both.steady("08:00:00", "08:50:00", 30, (71200, 71300))
    both.book("08:55:00", 71200, **CROSSED)
    both.trade("09:00:04", 71300, "VOLUME_BURST", size=200_607)
    both.steady("09:00:10", "15:20:00", 60, (71200, 71300))
    both.book("15:25:00", 71200, **CROSSED)
    both.trade("15:30:20", 71300, "VOLUME_BURST", size=200_000)
    both.steady("15:40:10", "20:00:00", 60, (71200, 71300))


def limits(day):
    """A share at its upper limit, one in its first days, one after a rights issue, one in liquidation."""
    up = day.subject("stock", "KRX", "035420", 200_000)
    up.trade("09:00:05", 230_000, size=1000)
    up.steady("09:00:10", "09:05:00", 5, tuple(range(231_000, 260_001, 500)), books=0)
    for minute in range(10, 60):
        up.trade("09:%d:00" % minute, 260_000, ask_price=0, ask_size=0)  # exactly +30 %; nobody sells
        up.book("09:%d:01" % minute, 260_000, ask_price=None, ask_size=None)
    listed = day.subject("stock", "KRX", "0001A0", 10_000)
    listed.trade("09:00:07", 40_000, "DAY_LIMIT", size=5000)  # +300 %, the highest first price there is
    for count in range(120):
        listed.trade(listed.at("09:01:00") + count * 7000, (40_000, 39_000, 38_000)[count % 3],
                     "DAY_LIMIT", *(("STEP",) if count and count % 3 == 0 else ()))
    listed.trade("09:20:00", 36_100, "DAY_LIMIT")
    rights = day.subject("stock", "KRX", "000270", 100_000, YESTERDAY)
    rights.steady("15:00:00", "15:20:00", 15, (100_000, 100_500))
    rights.morning(TODAY, 50_000)  # the exchange adjusts the base price
    rights.trade("09:00:04", 51_000, size=900)
    rights.steady("09:00:20", "09:40:00", 20, (51_000, 51_100))
    dying = day.subject("stock", "KRX", "00123K", 1_000)
    dying.trade("09:00:30", 150, "DAY_LIMIT", blocked="DAY_LIMIT")  # nothing said yet that this is real
    dying.steady("09:00:40", "09:30:00", 20, (150, 151, 149), "DAY_LIMIT", books=0)
    penny = day.subject("stock", "KRX", "00456K", 10)
    penny.steady("09:00:30", "09:20:00", 10, (9,), "SPREAD", books=0)  # a tick is 11 %
    penny.trade("09:20:00", 10, "SPREAD", "STEP", bid_price=9, ask_price=10)


def funds(day):
    """An ETF with half the day's range, a leveraged one at +58 %, an ETN, a warrant that goes by ticks of 100 %."""
    etf = day.subject("etf", "KRX", "069500", 35_000)
    etf.book("08:45:00", 35_000, bid_price=36_000, ask_price=35_000)
    etf.steady("09:00:20", "15:20:00", 60, (35_005, 35_010))
    etf.trade("15:30:05", 35_010, "VOLUME_BURST", size=90_000)
    twice = day.subject("etf", "KRX", "122630", 10_000)
    twice.steady("09:01:00", "09:11:00", 10, tuple(range(15_000, 15_800, 20)))
    note = day.subject("etn", "KRX", "Q500001", 10_000)
    note.steady("09:01:00", "09:30:00", 10, (10_005, 10_000))
    warrant = day.subject("elw", "KRX", "57LA24", 10)
    tick = {"bid_price": 5, "ask_price": 10}
    for count in range(60):
        price = (5, 5, 5, 10, 10, 10)[count % 6]
        flags = ("SPREAD", "STEP") if count and count % 3 == 0 else ("SPREAD",)
        warrant.trade(warrant.at("09:10:00") + count * 5000, price, *flags, **tick)


def others(day):
    """An index, a future, an option at a hundredth, a bond, overseas shares through midnight."""
    index = day.subject("index", "KRX", "0001", 2700.5)
    for count in range(200):
        index.trade(index.at("09:00:10") + count * 10_000, 2712.45 + count % 7 / 100, bid_price=None, ask_price=None,
                    session=None, halted=None, volume=1000 + count, value=70_000 + 7 * count)
    future = day.subject("index-future", "KRX", "101W09", 367.3)
    for count in range(100):
        price = 367.5 + count % 4 * 0.05
        quote = {"bid_price": price, "ask_price": round(price + 0.05, 2)}
        future.trade(future.at("08:45:30") + count * 30_000, price, value=None, **quote)
    option = day.subject("night-option", "KRX", "301V06362", 0.01)
    for count in range(60):
        flags = ("STEP",) if count and count % 5 == 0 else ()
        option.trade(option.at("18:30:00") + count * 30_000, (0.01, 0.02)[count // 5 % 2], *flags,
                     bid_price=0, ask_price=0.01, value=None)
    bond = day.subject("bond", "KRX", "KR103502GA34", 10575)
    bond.steady("09:10:00", "15:00:00", 600, (10575.5, 10576))
    apple = day.subject("overseas-stock", "NAS", "DNASAAPL", 258)
    apple.steady("23:30:00", "23:59:50", 10, (258.6, 258.75), books=0)
    before = apple.at("23:59:58")
    apple.morning(TOMORROW)
    apple.trade("00:00:00", 258.6)
    apple.trade(before, 258.7, "TIME_BACK", delay=2500)  # stamped before midnight, captured after the new day's first
    apple.steady("00:00:10", "00:10:00", 10, (258.6, 258.75), books=0)


def quiet(day):
    """A quote that stands still while its market trades, and prints out of order."""
    still = day.subject("stock", "KRX", "005935", 60_000)
    still.book("10:00:00", 60_000, bid_size=77)
    for count in range(30):
        still.trade(still.at("10:00:01") + count * 5000, 60_000)
    still.book("10:00:59", 60_000, bid_size=77)
    still.book("10:01:00", 60_000, "STALE", bid_size=77)
    still.book("10:02:00", 60_000, "STALE", bid_size=77)
    still.book("10:02:40", 60_000, bid_size=78)


def wrong(day):
    """What the market did not do: each is blocked, once, and nothing else is."""
    broken = day.subject("stock", "KRX", "051910", 400_000)
    broken.steady("10:00:00", "10:10:00", 10, (400_000, 400_500))
    broken.trade("10:10:00", 460_000, "STEP", blocked="STEP", high=460_000)  # one wrong print
    broken.high = 400_500
    broken.steady("10:10:10", "10:15:00", 10, (400_000, 400_500))
    broken.trade("10:15:00", 460_000, blocked="STEP", high=460_000)  # a real jump costs one line …
    broken.trade("10:15:05", 460_500, "STEP", high=460_500)  # … and the next one is believed
    broken.steady("10:15:10", "10:20:00", 10, (460_000, 460_500))
    broken.trade("10:20:00", 0, blocked="NOT_POSITIVE", low=400_000)
    broken.low = 400_000
    broken.trade("10:20:10", 460_000, blocked="NEGATIVE_SIZE", trade_size=-5)
    broken.trade("10:20:20", 460_000, blocked="RANGE", high=390_000)
    broken.trade("10:20:25", 460_000)
    broken.trade("10:20:15", 460_000, blocked="TIME_BACK", delay=11_000)
    taken_back = {"volume": broken.volume - 10, "value": broken.value - 10 * 460_000}
    broken.trade("10:20:40", 460_000, "REVERSAL", **taken_back)
    broken.trade("10:20:50", 460_000, "CROSSED", ask_price=459_500)
    broken.trade("10:21:20", 460_000, "FUTURE", delay=-6000)  # stamped ahead of its arrival
    broken.trade("10:21:16", 460_000)  # … which moves no clock
    broken.trade("23:00:00", 460_000, "SESSION")
    day.subject("stock", "KRX", "5930", 71_000).trade("10:00:00", 71_000, "SYMBOL_FORM")


def simulated_day():
    """[(line, flags, blocking rule or None)] in the order of capture."""
    day = MarketDay()
    for scene in (share, venues, limits, funds, others, quiet, wrong):
        scene(day)
    return day.lines()
