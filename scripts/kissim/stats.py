"""What the simulator has done and seen so far; the answer of GET /sim/stats."""

import collections
import time


class Stats:
    """Counters. No secret ever enters them."""

    def __init__(self):
        self.started = time.monotonic()
        self.calls = collections.Counter()  # by TR or path
        self.codes = collections.Counter()  # error codes answered
        self.rows = collections.defaultdict(collections.Counter)  # TR -> symbols that an answer held data of
        self.http_connections = 0
        self.http_requests = 0
        self.ws_connects = 0
        self.ws_refused_in_use = 0
        self.subscribes = 0
        self.unsubscribes = 0
        self.closes_seen = 0
        self.drops_seen = 0
        self.violations = collections.Counter()
        self.pingpongs_sent = 0
        self.pongs = 0  # Pong frames that answer a PINGPONG
        self.echoes = 0  # PINGPONG texts sent back
        self.pingpong_timeouts = 0
        self.client_pings = 0
        self.ping_answers = 0  # pongs that answer an RFC 6455 ping of ours
        self.unsolicited_pongs = 0
        self.frames = collections.Counter()
        self.records = collections.Counter()
        self.bytes = collections.Counter()
        self.by_symbol = collections.defaultdict(collections.Counter)
        self.max_registrations = 0
        self.max_sessions = 0
        self.repeated = 0  # registrations asked for twice in a session without a reason
        self.cuts = collections.defaultdict(set)  # TR -> byte offsets at which a frame was cut
        self.frame_size = {}
        self.slow_consumers = 0

    def sent(self, tr, codes, size):
        """Notes one data frame of a channel."""
        self.frames[tr] += 1
        self.records[tr] += len(codes)
        self.bytes[tr] += size
        self.by_symbol[tr].update(codes)

    def cut(self, tr, offset, size):
        """Notes a frame of `size` bytes that was cut after `offset`."""
        self.cuts[tr].add(offset)
        self.frame_size[tr] = size

    def report(self, server):
        """The JSON object; `server` gives the live numbers."""
        arrived, granted = server.limit.peaks()
        desk, hub = server.desk, server.hub
        return {
            "uptime_s": round(time.monotonic() - self.started, 3),
            "tokens_issued": desk.tokens_issued,
            "token_calls": desk.token_calls,
            "token_refusals": desk.token_refusals,
            "approvals_issued": desk.approvals_issued,
            "http_connections": self.http_connections,
            "http_requests": self.http_requests,
            "calls": dict(self.calls),
            "error_codes": dict(self.codes),
            "rows": {tr: dict(symbols) for tr, symbols in self.rows.items()},
            "egw00201": self.codes["EGW00201"],
            "max_calls_in_1s": arrived,
            "max_granted_in_1s": granted,
            "ws": {
                "sessions_now": len(hub.sessions),
                "sessions_max": self.max_sessions,
                "sessions_total": self.ws_connects,
                "max_connects_in_60s": hub.connects.peak,
                "registrations_now": sum(len(s.registered) for s in hub.sessions),
                "registrations_max": self.max_registrations,
                "registrations_by_key": {
                    number: sum(len(s.registered) for s in hub.sessions if s.app_key == key)
                    for number, key in server.key_numbers().items()},
                "subscribes": self.subscribes,
                "unsubscribes": self.unsubscribes,
                "repeated_subscribes": self.repeated,
                "in_use_refusals": self.ws_refused_in_use,
                "closes_seen": self.closes_seen,
                "drops_seen": self.drops_seen,
                "violations": dict(self.violations),
                "pingpongs_sent": self.pingpongs_sent,
                "pongs": self.pongs,
                "echoes": self.echoes,
                "pingpong_timeouts": self.pingpong_timeouts,
                "client_pings": self.client_pings,
                "ping_answers": self.ping_answers,
                "unsolicited_pongs": self.unsolicited_pongs,
                "slow_consumers": self.slow_consumers,
            },
            "sent": {
                tr: {
                    "frames": self.frames[tr],
                    "records": self.records[tr],
                    "bytes": self.bytes[tr],
                    "symbols": dict(self.by_symbol[tr]),
                }
                for tr in self.frames
            },
            "trade_records": hub.feed.trades_sent,
            "count_reached": hub.feed.finished,
            "withheld_seconds": round(hub.feed.windows.seconds(), 3),
            "trades": server.ledger.report(server.market.stocks, hub.feed.withheld_seconds),
            "clock": server.clock.report(),
            "cut_offsets": {tr: [len(offsets), self.frame_size[tr]] for tr, offsets in self.cuts.items()},
            "proxy": server.proxy.report() if server.proxy else None,
            "variations": server.typed.report(),
            "faults_fired": dict(server.faults.fired),
            "faults_armed": [f.name for f in server.faults.armed],
        }
