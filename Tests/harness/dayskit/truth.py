"""What was done to a symbol's day, and so what must be found of it."""
import dataclasses


@dataclasses.dataclass
class Truth:
    """Numbers of one symbol, venue and day, as the exchange and its records would have them.

    `missed_trades` counts trades with a side, at least one for each hole: the exchange counts no others.
    """

    records: int = 0
    trades: int = 0
    shares: int = 0
    reported: int = 0
    verified: int = 0
    missed_trades: int = 0
    missed_shares: int = 0
    missed_value: int = 0
    duplicates: int = 0
    reversals: int = 0
    late: int = 0
    unverifiable: int = 0
    before_start: int = 0
    start_proven: bool = False
    # Of what is missing: between two runs of kis-fetch, so that no live record can say it.
    hole_trades: int = 0
    hole_shares: int = 0
    hole_value: int = 0

    def hole(self, lost, between_runs=False):
        """Trades that were not sent, all between two records that are there."""
        if lost:
            self.missing(max(1, sum(trade.side != "" for trade in lost)), sum(trade.size for trade in lost),
                         sum(trade.size * trade.price for trade in lost), between_runs)

    def missing(self, trades, shares, value, between_runs):
        self.missed_trades += trades
        self.missed_shares += shares
        self.missed_value += value
        if between_runs:
            self.hole_trades += trades
            self.hole_shares += shares
            self.hole_value += value
