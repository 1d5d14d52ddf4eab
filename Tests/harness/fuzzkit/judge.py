"""The judge of the second reading: one line after the other, with what it remembers of each subject."""
from fractions import Fraction

from fuzzkit.hours import day_of
from fuzzkit.market import (ALL_FEEDS, LIMITS, MAX_SUBJECTS, MICRO, PRICES, SIZES, Line, Subject, may_be_negative, percent,
                            policy, symbol_fits, text)
from fuzzkit.verdict import Verdict, cut


class Judge:
    """The rules with their state. `now`: the machine's clock in ms."""

    def __init__(self, hours, now, limits=None):
        self.hours, self.now = hours, now
        self.limits = {**LIMITS, **(limits or {})}
        self.subjects = {}

    def verdict(self, tree):
        """The guard member of a line."""
        reason = policy(tree)
        if reason is not None:
            return {"action": "BLOCK", "reason": reason, "flags": []}
        line, verdict = Line(tree), Verdict()
        if line.source == "system":
            if text(line.state, "event") == "gap":
                verdict.flag("GAP")
                self.mark(line)
            return verdict.fields()
        subject = self.subject(line)
        self.turn(line, subject)
        self.forms(line, verdict)
        self.values(line, subject, verdict)
        self.steps(line, subject, verdict)
        self.times(line, subject, verdict)
        self.memory(line, subject, verdict)
        if subject is not None:
            self.learn(line, subject, verdict)
        return verdict.fields()

    # What is remembered

    def known(self, key):
        if key is None:
            return None
        if key not in self.subjects and len(self.subjects) < MAX_SUBJECTS:
            self.subjects[key] = Subject()
        return self.subjects.get(key)

    def subject(self, line):
        if line.received is None or line.received - self.now > self.limits["future_s"] * 1000:
            return None
        return self.known(line.key)

    def mark(self, line):
        if line.given_feed is None:
            feeds = ALL_FEEDS
        else:
            feeds = {line.slot}
        if line.symbol:
            named = self.known(line.key)
            subjects = [] if named is None else [named]
        else:
            subjects = self.subjects.values()
        for subject in subjects:
            subject.marks |= feeds

    def ahead(self, line):
        """E is ahead of R."""
        return (line.told is not None and line.received is not None
                and line.told - line.received > self.limits["future_s"] * 1000)

    def turn(self, line, subject):
        """A later day begins anew."""
        if subject is None:
            return
        day = day_of(line.received if self.ahead(line) else line.time)
        if subject.day is None or day > subject.day:
            if subject.day is not None:
                subject.begin()
            subject.day = day

    def within(self, price, base):
        return base is not None and price > 0 and base > 0 and percent(price, base) <= self.limits["step_flag_percent"]

    # The rules

    def forms(self, line, verdict):
        if line.symbol is not None and not symbol_fits(line.product, line.symbol):
            verdict.flag("SYMBOL_FORM")

    def values(self, line, subject, verdict):
        price = line.number("price")
        wrong = [value for value in line.numbers(*PRICES) if value is not None and value < 0]
        if price is not None and (price < 0 or price == 0 and line.is_trade):
            wrong.insert(0, price)
        if wrong and may_be_negative(line.product):
            verdict.flag("NOT_POSITIVE")
        elif wrong:
            verdict.block("NOT_POSITIVE", Fraction(wrong[0], MICRO), 0)
        for size in line.numbers(*SIZES):
            if size is not None and size < 0:
                verdict.block("NEGATIVE_SIZE", Fraction(size, MICRO), 0)
                break
        opened, high, low = line.numbers("open", "high", "low")
        if None not in (opened, high, low) and min(opened, high, low) > 0:
            traded = price if line.is_trade and price is not None and price > 0 else opened
            if high < low:
                verdict.block("RANGE", Fraction(high, MICRO), Fraction(low, MICRO))
            elif not (low <= opened <= high and low <= traded <= high):
                verdict.flag("RANGE")
        self.quotes(line, subject, verdict)

    def quotes(self, line, subject, verdict):
        bid, ask = line.numbers("bid_price", "ask_price")
        if not (line.is_trade or line.is_book) or bid is None or ask is None or min(bid, ask) <= 0:
            return
        halted = subject is not None and subject.halted if line.halted is None else line.halted
        if (halted or subject is not None and subject.vi
                or self.hours.auction(line.product, line.market, line.time)):
            return
        if bid >= ask:
            verdict.flag("CROSSED")
        elif Fraction((ask - bid) * 200, ask + bid) > self.limits["spread_percent"]:
            verdict.flag("SPREAD")

    def steps(self, line, subject, verdict):
        price = line.number("price")
        if not line.is_trade or price is None or price <= 0:
            return
        last = subject.price if subject is not None else None
        settled = subject is not None and subject.settled
        confirmed = subject is not None and self.within(price, subject.candidate)
        self.day_limit(line, price, confirmed or settled and self.within(price, last), verdict)
        if last is None or last <= 0:
            return
        step = percent(price, last)
        if step <= self.limits["step_flag_percent"]:
            return
        limit = self.limits["step_block_percent"]
        if (step > limit and line.product in ("stock", "etf", "etn", "index") and abs(price - last) > MICRO
                and settled and not confirmed and not self.fresh(line, subject)):
            verdict.block("STEP", cut(step, 4), limit)
        else:
            verdict.flag("STEP")

    def day_limit(self, line, price, believed, verdict):
        kind = {"stock": "", "etf": "fund_", "etn": "fund_"}.get(line.product)
        base = line.number("prev_close")
        if kind is None or base is None or base <= 0:
            return
        flagged, blocked = (self.limits[kind + name] for name in ("day_flag_percent", "day_block_percent"))
        change = percent(price, base)
        if change <= flagged:
            return
        verdict.flag("DAY_LIMIT")
        if believed:
            return
        opened, volume, value = line.numbers("open", "volume", "value")
        free = opened is not None and opened > 0 and percent(opened, base) > flagged
        if volume is not None and value is not None and min(volume, value) > 0:
            free = free or percent(Fraction(value, volume), Fraction(base, MICRO)) > flagged
        if free:
            below, above = 40, 300
            if price < base and change > below or price > base and change > above:
                verdict.block("DAY_LIMIT", cut(change, 4), below if price < base else above)
        elif change > blocked:
            verdict.block("DAY_LIMIT", cut(change, 4), blocked)

    def fresh(self, line, subject):
        def differs(now, then):
            return now is not None and then is not None and now != then

        phases = self.hours.phases(line.product, line.market, line.time)
        return ("trades" in subject.marks or subject.stopped or line.halted is True
                or differs(line.number("vi_price"), subject.vi_price)
                or differs(text(line.inputs, "session"), subject.session) or differs(phases, subject.phases))

    def times(self, line, subject, verdict):
        if self.ahead(line) or line.received is not None and (
                line.received - self.now > self.limits["future_s"] * 1000):
            verdict.flag("FUTURE")
        if not (line.is_trade or line.is_book):
            return
        if self.hours.outside(line.product, line.market, line.feed, line.time):
            verdict.flag("SESSION")
        latest = None
        if subject is not None:
            latest = (subject.latest_received if line.told is None else subject.latest_told).get(line.feed)
        back = 0 if latest is None or line.time is None else latest - line.time
        if back >= self.limits["time_back_block_s"] * 1000:
            verdict.block("TIME_BACK", Fraction(back, 1000), self.limits["time_back_block_s"])
        elif back >= self.limits["time_back_ignore_s"] * 1000:
            verdict.flag("TIME_BACK")

    def memory(self, line, subject, verdict):
        if line.halted or line.halted is None and subject is not None and subject.halted:
            verdict.flag("HALTED")
        if subject is None:
            if line.is_trade or line.is_book:
                verdict.flag("WARMING_UP")
            return
        if line.slot in subject.marks:
            verdict.flag("AFTER_GAP")
        if line.is_trade:
            if subject.trades < self.limits["burst_trades"]:
                verdict.flag("WARMING_UP")
            size, volume, value = line.numbers("trade_size", "volume", "value")
            if (size is not None and subject.sized >= self.limits["burst_trades"]
                    and size * subject.sized > self.limits["burst_times"] * subject.sizes):
                verdict.flag("VOLUME_BURST")
            if any(now is not None and then is not None and now < then
                   for now, then in ((volume, subject.volume), (value, subject.value))):
                verdict.flag("REVERSAL")
        elif line.is_book:
            if not subject.books:
                verdict.flag("WARMING_UP")
            quote = line.numbers("bid_price", "ask_price", "bid_size", "ask_size")
            if subject.quote is not None and subject.quote[0] == quote:
                _, since, trades = subject.quote
                if (line.received - since >= self.limits["stale_s"] * 1000
                        and subject.trades - trades >= self.limits["stale_trades"]):
                    verdict.flag("STALE")

    # What a line teaches

    def learn(self, line, subject, verdict):
        if verdict.rule is not None:
            if verdict.rule in ("DAY_LIMIT", "STEP"):
                subject.candidate = line.number("price")
            return
        subject.marks.discard(line.slot)
        if line.halted is not None:
            subject.halted = line.halted
        if line.feed == "status":
            subject.vi = any(text(line.inputs, name) not in (None, "", "N", "0") for name in ("vi", "after_hours_vi"))
        if "FUTURE" not in verdict.said:
            for latest, time in ((subject.latest_told, line.told), (subject.latest_received, line.received)):
                if time is not None:
                    latest[line.feed] = max(time, latest.get(line.feed, time))
        stopped = subject.halted or subject.vi
        subject.stopped = stopped if line.is_trade else subject.stopped or stopped
        if line.is_trade:
            self.learn_trade(line, subject)
        elif line.is_book:
            self.learn_book(line, subject)

    def learn_trade(self, line, subject):
        subject.trades += 1
        size, volume, value, price = line.numbers("trade_size", "volume", "value", "price")
        if size is not None:
            subject.sized += 1
            subject.sizes += size
        subject.volume = subject.volume if volume is None else volume
        subject.value = subject.value if value is None else value
        subject.vi_price, subject.session = line.number("vi_price"), text(line.inputs, "session")
        subject.phases = self.hours.phases(line.product, line.market, line.time)
        if price is not None:
            subject.settled = self.within(price, subject.price) or self.within(price, subject.candidate)
            subject.price, subject.candidate = price, None

    def learn_book(self, line, subject):
        subject.books += 1
        quote = line.numbers("bid_price", "ask_price", "bid_size", "ask_size")
        if None in quote:
            subject.quote = None
        elif subject.quote is None or subject.quote[0] != quote:
            subject.quote = (quote, line.received, subject.trades)
