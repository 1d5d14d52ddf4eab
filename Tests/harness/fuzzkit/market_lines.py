"""Lines for the market rules, from one seed: values at, just inside and just outside each limit, and odd ones.

The judge of the second reading says where a subject's limits lie just now, so that they are met and not only neared.
"""
import datetime
import random
import re

from fuzzkit.hours import DAY, KST, number_of
from fuzzkit.market import DECODER, MICRO, may_be_negative
from fuzzkit.market_odd import COUNTED, DATES, FEEDS, HALTED, MOMENTS, ODD, PERCENTS, STAMPS, SUBJECTS, SYMBOLS, VI

FORM = ('{"meta":{"timestamp":"t","timestamp_ms":%s,"session_id":"s","run_id":"r","mode":"T","observer_version":"v"},'
        '"context":{%s},"observation":{"inputs":{%s},"computed":{},"state":%s}%s}')
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[:,{}]')


def written(micro):
    """A number of millionths as JSON."""
    whole, part = divmod(abs(micro), MICRO)
    return ("-" if micro < 0 else "") + str(whole) + (("." + "%06d" % part).rstrip("0") if part else "")


def iso(ms, form):
    """A moment as an exchange time; `form` chooses zone and fraction."""
    zone, letter = [(9, "+09:00"), (0, "Z"), (-4, "-04:00"), (5.5, "+05:30")][form % 4 if form < 4 else 0]
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms + int(zone * 3600000))
    part = "" if ms % 1000 == 0 and form % 2 else ".%03d" % (ms % 1000) + ("" if form % 3 else "999")
    return '"%s%s%s"' % (moment.strftime("%Y-%m-%dT%H:%M:%S"), part, letter)


class Walk:
    """A subject as the market moves it."""

    def __init__(self, chance, names):
        self.names = names
        self.price = chance.choice([5, 9, 100, 1000, 71100, 200000, 1996000]) * MICRO
        if chance.random() < 0.2:
            self.price += MICRO // 2
        self.close = self.price
        self.volume = self.value = 0
        self.opened = self.price


class MarketLines:
    """Lines of several subjects, interleaved, that a Judge reads as they are made."""

    def __init__(self, seed, judge):
        self.random = random.Random(seed)
        self.judge = judge
        chance = self.random
        self.walks = [Walk(chance, names) for names in chance.sample(SUBJECTS, chance.choice([1, 2, 5, 9]))]
        self.date()
        self.oddness = chance.choice([0, 0.01, 0.05, 0.3])
        self.wildness = chance.choice([0.02, 0.1, 0.5])
        self.gaps = chance.choice([0.002, 0.02])
        self.pace = chance.choice([5, 300, 3000, 30000])

    def hit(self, share):
        return self.random.random() < share

    def pick(self, items):
        return items[int(self.random.random() * len(items))]

    def date(self):
        """A day and time to go on from."""
        clock = [int(part) for part in self.pick(MOMENTS).split(":")] + [0]
        if self.hit(0.3):
            clock = [self.random.randrange(24), self.random.randrange(60), 0]
        second = clock[0] * 3600 + clock[1] * 60 + clock[2]
        self.now = number_of(self.pick(DATES)) * DAY - KST + second * 1000 + self.pick([-2000, -1, 0, 0, 1, 59999])

    def jump(self):
        """Goes on at another time, seldom an earlier one; never near the machine's clock."""
        before = self.now
        if self.hit(0.2):
            self.date()
            self.now = max(self.now, before) if self.hit(0.98) else self.now
        else:
            self.now += self.pick([60_000, 3_600_000, 3 * 3_600_000, DAY])
            if self.hit(0.5):
                self.now = (self.now + KST) // DAY * DAY - KST + self.pick([0, -500, 1000, DAY - 3000])
        if self.now > self.judge.now - DAY:
            self.date()

    def lines(self, count):
        """[(line, its verdict)]"""
        out = []
        for _ in range(count):
            line = self.line()
            out.append((line.encode(), self.judge.verdict(DECODER.decode(line))))
        return out

    def line(self):
        self.now += int(self.random.expovariate(1 / self.pace))
        if self.hit(0.004):
            self.jump()
        walk = self.pick(self.walks)
        if self.hit(self.gaps):
            return self.gap(walk)
        kind = self.random.random()
        if kind < 0.6:
            return self.write(walk, "trades", self.trade(walk))
        if kind < 0.85:
            return self.write(walk, "book", self.book(walk))
        if kind < 0.9:
            return self.write(walk, "status", {"vi": self.pick(VI), "after_hours_vi": self.pick(VI[:8]),
                                               **({"halted": self.pick(HALTED)} if self.hit(0.2) else {})})
        inputs = self.book(walk) if self.hit(0.5) else self.trade(walk)
        if self.hit(0.1):
            inputs["price"] = self.pick(["0", "0.0", "-0", "-1", "-1e0", "0e0", "-0.0000001", "-1e99"])
        return self.write(walk, self.pick(FEEDS), inputs)

    def remembered(self, walk):
        product, market, symbol = walk.names
        return self.judge.subjects.get((product or "stock", market or "KRX", symbol))

    def near(self, base, per):
        """A price so many percent from the base: at the limit, just inside, just outside, by the millionth or by one."""
        return base + base * per // 100 + self.pick([0, 0, 1, -1, MICRO, -MICRO])

    def step(self, walk):
        """The price of the next trade."""
        if self.hit(self.wildness / 5) and may_be_negative(walk.names[0] or "stock"):
            return self.pick([0, 0, -MICRO])  # as oil on 2020-04-20
        subject = self.remembered(walk)
        bases = [walk.close, walk.close, walk.price]
        if subject is not None:
            bases += [value for value in (subject.price, subject.price, subject.candidate, subject.candidate) if value]
        if self.hit(1 - self.wildness):
            return walk.price + self.pick([0, 0, 0, 1, -1, 2]) * max(walk.price // 1000 // MICRO * MICRO, MICRO // 2)
        return self.near(self.pick(bases), self.pick(PERCENTS))

    def trade(self, walk):
        price = self.step(walk)
        if self.hit(0.9) and price > 0:
            walk.price = price
        if self.hit(0.003):
            walk.price = walk.opened = walk.close * self.pick([100, 101, 131, 129, 150, 161, 300, 40, 20]) // 100
        subject = self.remembered(walk)
        size = self.random.randrange(1, 40)
        if subject is not None and subject.sized and self.hit(0.1):
            size = max(0, subject.sizes * 10 // subject.sized // MICRO + self.pick([-1, 0, 1, 100]))
        walk.volume, walk.value = walk.volume + size, walk.value + size * (price // MICRO)
        back = self.pick([0, 1, 5]) if self.hit(0.01) else 0
        walk.volume, walk.value = max(0, walk.volume - back), max(0, walk.value - back)
        inputs = {"price": written(price), "prev_close": written(walk.close), "volume": str(walk.volume),
                  "value": str(walk.value), "trade_size": str(size), **self.quotes(walk)}
        if self.hit(0.5):
            low, high = sorted((walk.opened, price))
            inputs.update(open=written(walk.opened), high=written(high + self.edge()), low=written(low - self.edge()))
        if self.hit(self.wildness / 5):
            self.listed(walk, inputs)
        if self.hit(0.2):
            inputs["vi_price"] = self.pick(["71000", "71000.0", "71500", "null"])
        if self.hit(0.2):
            inputs["session"] = self.pick(['"regular"', '"regular"', '"after"', "null", '"\\u0072egular"'])
        if self.hit(0.01):
            inputs["halted"] = self.pick(HALTED)
        return inputs

    def listed(self, walk, inputs):
        """A first day, as it shows: what opened, or was paid for a share, lies at the day's limit or beyond."""
        change = self.pick([30, 60, -30, -60, 150])
        inputs["open"] = self.pick([written(self.near(walk.close, change)), inputs.get("open", "0"), "0", "null"])
        if self.hit(0.5):
            paid = (walk.close + walk.close * change // 100) * 100 // MICRO
            inputs.update(volume="100", value=str(max(0, paid + self.pick([0, 0, 1, -1]))))
            walk.volume, walk.value = 100, max(0, paid)

    def edge(self):
        return self.pick([0, 0, 0, MICRO, 1, -1]) if self.hit(0.2) else 0

    def quotes(self, walk):
        bid = walk.price - self.pick([0, 1, 10]) * MICRO
        ask = bid + self.pick([0, 1, 1, 2, 50]) * MICRO
        if self.hit(self.wildness / 2):
            # (ask - bid) * 200 = 10 * (ask + bid): ask is 21/19 of bid.
            bid = walk.price // (19 * MICRO) * 19 * MICRO
            ask = bid // 19 * 21 + self.pick([0, 1, -1, MICRO, -MICRO])
        sizes = self.pick([("100", "200"), ("0", "200"), ("100", "201")] if self.hit(0.05) else [("100", "200")])
        return {"bid_price": written(bid), "ask_price": written(ask), "bid_size": sizes[0], "ask_size": sizes[1]}

    def book(self, walk):
        subject = self.remembered(walk)
        inputs = self.quotes(walk)
        if subject is not None and subject.quote and self.hit(0.6):
            names = ("bid_price", "ask_price", "bid_size", "ask_size")
            inputs = {name: written(value) for name, value in zip(names, subject.quote[0])}
        if self.hit(0.3):
            inputs.update(total_bid_size="1000", total_ask_size="2000", expected_price=self.pick(["0", "null", "71000"]))
        if self.hit(0.005):
            inputs["halted"] = self.pick(HALTED)
        return inputs

    def gap(self, walk):
        product, market, symbol = walk.names
        if self.hit(0.2):
            symbol = self.pick(["", None])
        feed = self.pick(["trades", "book", "price", "status", "later", None, None])
        state = self.pick(['{"event":"gap","final":true}', '{"event":"gap","reason":"no_data","final":false}',
                           '{"event":"gap"}', '{"event":"started"}', "{}"])
        return self.assemble({"source": '"system"', "product": product, "market": market, "symbol": symbol, "feed": feed},
                             {}, state, self.now)

    def times(self, walk, feed):
        """Receive time, and exchange time or None: back and ahead at the limits, too."""
        subject = self.remembered(walk)
        if subject is not None and subject.quote and self.hit(0.1 if feed == "book" else 0.01):
            stale = subject.quote[1] + self.pick([59999, 60000, 60001])
            self.now = stale if 0 <= stale - self.now <= 70_000 else self.now
        received = told = self.now
        if self.hit(0.6):
            told -= told % 1000
        if self.hit(0.05):
            told = received + self.pick([4999, 5000, 5001, 6000, 3_600_000, DAY])
        latest = subject.latest_told.get(feed) if subject is not None else None
        if latest is not None and self.hit(0.05):
            told = latest - self.pick([0, 1, 999, 1000, 1001, 9999, 10000, 10001, DAY])
        latest = subject.latest_received.get(feed) if subject is not None else None
        if latest is not None and self.hit(0.02):
            received = latest - self.pick([0, 999, 1000, 9999, 10000])
        return received, None if self.hit(0.1) else told

    def write(self, walk, feed, inputs):
        product, market, symbol = walk.names
        received, told = self.times(walk, feed)
        name = {"trades": "trade_time", "book": "quote_time"}.get(feed)
        if name and told is not None:
            inputs[name] = iso(told, self.random.randrange(12))
        if self.hit(self.oddness):
            self.spoil(inputs, name)
        if self.hit(self.oddness / 10):
            symbol = self.pick(SYMBOLS)
        if self.hit(self.oddness / 50):
            received = self.pick([4_102_444_800_000, "1.5", "null", "-1", '"1785371021123"', 10**14, 0])
        context = {"source": self.pick(['"market"', '"market"', '"broker"', '"external"', "null"]), "product": product,
                   "market": market, "symbol": symbol, "feed": feed}
        return self.assemble(context, inputs, "{}", received)

    def spoil(self, inputs, time):
        """Something odd in place of a value."""
        names = [name for name in inputs if name != "session"]
        if not names:
            return
        name = self.pick(names)
        if self.hit(0.2):
            del inputs[name]
        elif name == time:
            inputs[name] = self.pick(["null", "1785371021123", *('"%s"' % stamp for stamp in STAMPS)])
        elif self.hit(0.2) and inputs[name].replace(".", "").isdigit():
            inputs[name] += self.pick(["e0", "E+00", "e1", "e-1", "e-7", "e99", "e-99"])
            if self.hit(0.3):
                inputs[name] = "-" + inputs[name]
        elif name in COUNTED and self.hit(0.3):
            inputs[name] = self.pick(["-1", "0", "123456789012345", "1000000000000", "-1000000000000"])
        else:
            inputs[name] = self.pick(ODD)
        if self.hit(0.1):
            inputs[name] = self.pick(ODD) + ',"' + name + '":' + inputs.get(name, "1")

    def assemble(self, context, inputs, state, received):
        parts = []
        for name, value in context.items():
            if value is None:
                continue
            if name != "source":
                value = '"' + value + '"'
                if self.hit(0.003) and len(value) > 2:
                    value = '"\\u%04x' % ord(value[1]) + value[2:]
            elif value == "null":
                continue
            parts.append('"%s":%s' % (name, value))
        if self.hit(0.998):
            parts.append('"stage":"raw"')
        if self.hit(self.oddness):
            self.random.shuffle(parts)
        subject = self.judge.subjects.get((context["product"] or "stock", context["market"] or "KRX", context["symbol"]))
        if subject is not None and subject.halted and self.hit(0.2):
            inputs["halted"] = "false"
        members = ",".join('"%s":%s' % pair for pair in inputs.items())
        verdict = ',"validation":{"severity":"%s"}' % ("BLOCK" if self.hit(0.01) else "INFO") if self.hit(0.1) else ""
        line = FORM % (received, ",".join(parts), members, state, verdict)
        return self.disguise(line) if self.hit(self.oddness / 3) else line

    def disguise(self, line):
        """The same line written otherwise, or with a part that is twice there or of another kind."""
        kind = self.random.randrange(6)
        if kind == 0:
            return TOKEN.sub(lambda found: self.pick([" %s", "%s\t", "%s  ", "%s"]) % found.group(), line).strip()
        if kind == 1:
            name = self.pick(["price", "symbol", "timestamp_ms", "inputs", "feed", "context", "ask_price", "halted"])
            return line.replace('"%s":' % name, '"\\u%04x%s":' % (ord(name[0]), name[1:]))
        if kind == 2:
            name = self.pick(["inputs", "context", "meta", "observation", "state"])
            other = self.pick(["null", "[]", '{"price":-5}', "3"])
            return line.replace('"%s":' % name, '"%s":%s,"%s":' % (name, other, name))
        if kind == 3:
            name = self.pick(["inputs", "observation", "meta", "computed"])
            return line.replace('"%s":' % name, '"%s":%s,"x":' % (name, self.pick(["null", "[]", "7", '"inputs"', "{}"])))
        if kind == 4:
            rest = '"x":0' if '"inputs":{}' in line else ""
            return line.replace('"inputs":{', '"inputs":{"raw":{"price":"-1","halted":true,"volume":-1},' + rest)
        return line[:-1] + ',"symbol":"000000","inputs":{"price":-1},"price":-1}'
