"""The truth about trades: what each symbol did at each venue and what became of it, to the last share."""

FATES = ("sent", "withheld", "lost", "doubled", "reversed", "swapped")


class Tally:
    """Trades, their shares and their value in won."""

    __slots__ = ("trades", "shares", "value")

    def __init__(self, trades=0, shares=0, value=0):
        self.trades, self.shares, self.value = trades, shares, value

    def add(self, quantity, price):
        """One trade more."""
        self.trades += 1
        self.shares += quantity
        self.value += quantity * price

    def less(self, *others):
        """What remains without the others."""
        return Tally(*(getattr(self, n) - sum(getattr(o, n) for o in others) for n in self.__slots__))

    def report(self):
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


class Ledger:
    """Tallies by fate for each (symbol, venue).

    Of the trades that a market made each is sent, withheld, lost, or unheard (nobody was registered, or
    the connection broke before it). Doubled and reversed are records on top of those that were sent; swapped ones
    are among them.
    """

    def __init__(self):
        self.books = {}

    def add(self, code, venue, fate, record):
        """Notes what became of a trade record."""
        book = self.books.get((code, venue))
        if book is None:
            book = self.books[code, venue] = {name: Tally() for name in FATES}
        book[fate].add(record.quantity, record.price)

    def report(self, stocks, seconds):
        """{venue: {symbol: …}}; `stocks` by (symbol, venue), `seconds(symbol, venue)` that were withheld."""
        out = {}
        for (code, venue), book in sorted(self.books.items()):
            stock = stocks[code, venue]
            entry = {name: tally.report() for name, tally in book.items()}
            entry["traded"] = stock.traded.report()
            entry["unheard"] = stock.traded.less(book["sent"], book["withheld"], book["lost"]).report()
            entry["unprinted_shares"] = stock.unprinted
            entry["withheld_seconds"] = round(seconds(code, venue), 3)
            for name, totals in (("at_start", stock.first), ("now", stock.totals())):
                entry[name] = dict(zip(("volume", "value", "sided_trades"), totals))
            out.setdefault(venue, {})[code] = entry
        return out
