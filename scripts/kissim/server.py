"""Puts the parts together: state, listeners, faults that act at once, and a clean stop."""

import asyncio
import json
import os
import signal
import time

from . import announce, http, masters, oddities
from .announce import HOST
from .clock import Clock
from .day import Schedule
from .faults import Faults
from .hub import Hub
from .instruments import Others
from .layout import Layouts
from .ledger import Ledger
from .limits import RateLimit
from .market import Market
from .proxy import Proxy
from .records import Renderer
from .rest import Rest
from .stats import Stats
from .tokens import TokenDesk
from .typed import Progress


def _publish(path, text):
    """Writes a file that is there whole or not at all."""
    partial = "%s.%d.part" % (path, os.getpid())
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(partial, path)


class Server:
    """The whole simulator."""

    def __init__(self, options):
        self.options = options
        self.seed = options.seed
        self.mock = options.env == "mock"
        self.blank_rows = options.unknown_row == "blank"
        self.closed_days = frozenset(options.closed)
        self.max_registrations = options.max_registrations
        self.drop_unsolicited = options.drop_unsolicited
        self.clock = Clock(options.clock_at, options.speed)
        self.stats = Stats()
        self.faults = Faults()
        self.typed = Progress()
        for fault in options.fault:
            self.faults.arm(fault)
        self.limit = RateLimit(options.rate)
        self.desk = TokenDesk(self.clock, options.pairs, options.token_floor, options.token_same,
                              options.token_life)
        schedule = Schedule(self.clock, options.phase, self.closed_days, options.vi, options.halt)
        self.market = Market(self.clock, options.seed, options.unknown, schedule, options.list_later)
        self.others = Others(self.clock, options.seed, options.printed, options.phase == "day")
        self.ledger = Ledger()
        self.layouts = Layouts(self.clock, options.layout)
        self.renderer = Renderer(self.clock, options.trade_fields, options.book_fields, options.stamp)
        self.hub = Hub(self, options)
        self.web = http.HttpServer(Rest(self).handle, self.stats, self.clock)
        self.listeners = {"rest": None, "ws": None}
        self.ports = {"rest": options.http_port, "ws": options.ws_port}
        self.proxy = Proxy(self.ports) if options.proxy is not None else None
        if self.proxy:
            self.listeners["proxy"], self.ports["proxy"] = None, options.proxy
        self.stopping = asyncio.Event()
        self.sent_file = open(options.record_sent, "w", encoding="ascii") if options.record_sent else None
        self.sessions_file = (
            open(options.record_sessions, "w", encoding="ascii") if options.record_sessions else None)

    # --- what other parts ask for --------------------------------------------------------------

    def snapshot(self, code, venue):
        """A stock for a REST answer; it trades once first unless a session hears its trades."""
        stock = self.market.stock(code, venue)
        if stock is not None and stock.active() and not self.hub.feed.listening(code, venue):
            stock.trade(self.clock.hms())
        return stock

    def strike_rest(self, path):
        """The faults that strike a REST call; those of kind `now` have acted already."""
        struck = []
        if not self.faults.armed:
            return struck
        for fault in self.faults.strikes("rest", lambda f: path.startswith(f.params.get("path", "/uapi"))):
            if fault.where == "now":
                self.act(fault)
            else:
                struck.append(fault)
        return struck

    def arm(self, fault):
        """Arms a fault at run time; without `skip`, kind `now` and ends of sessions act at once."""
        if fault.where == "now" and fault.skip == 0:
            self.faults.note(fault.name)
            self.act(fault)
        elif fault.name in oddities.ENDS and fault.skip == 0 and self.hub.sessions:
            self.faults.note(fault.name)
            for session in list(self.hub.sessions):
                oddities.end(session, fault)  # a quiet session would never come to the next frame
        else:
            self.faults.arm(fault)

    def act(self, fault):
        """Carries out a fault of kind `now`."""
        p = fault.params
        if fault.name == "expired-token":
            self.desk.spoil(p["n"])
        elif fault.name == "forget-approvals":
            self.desk.approvals.clear()
        elif fault.name == "revoke":
            self.revoke(self.key_numbers().get(p["key"]))
        elif fault.name == "pingpong":
            for session in self.hub.sessions:
                session.ask()
        elif fault.name == "halt":
            for venue in ("KRX", "NXT", "UN"):
                stock = self.market.stock(str(p["symbol"]), venue)
                if stock is not None:
                    stock.halted = p.get("on", True) is not False
            self.hub.feed.halt(str(p["symbol"]))
        elif fault.name == "refuse":
            asyncio.ensure_future(self._refuse(str(p.get("target", "both")), p["seconds"]))

    def key_numbers(self):
        """App keys by number, from 1 in the order in which they were given."""
        return {number: key for number, (key, _) in enumerate(self.options.pairs, 1)}

    def revoke(self, key):
        """KIS knows an app key no more: nothing that was issued for it counts, and its session ends."""
        self.desk.revoke(key)
        for session in [s for s in self.hub.sessions if s.app_key == key]:
            session.cut(False)

    def record(self, tr, records):
        """Writes one line per record sent: symbol, time, ACML_VOL, TR."""
        if self.sent_file:
            self.sent_file.writelines("%s\t%s\t%d\t%s\n" % (r.code, r.hms, r.volume, tr) for r in records)

    def record_session(self, session):
        """Writes one line about a session that has ended; times are epoch milliseconds."""
        if self.sessions_file:
            self.sessions_file.write(json.dumps({
                "opened": round(session.opened * 1000), "spoke": round(session.spoke * 1000),
                "ended": round(time.time() * 1000), "registered": sorted(session.registered),
            }) + "\n")
            self.sessions_file.flush()

    def flush_record(self):
        """Makes the lines written so far visible to a reader."""
        if self.sent_file:
            self.sent_file.flush()

    # --- life ----------------------------------------------------------------------------------

    async def _listen(self, which):
        handlers = {"rest": self.web, "ws": self.hub, "proxy": self.proxy}
        listener = await asyncio.start_server(handlers[which].connection, HOST, self.ports[which], limit=http.MAX_HEAD,
                                              reuse_address=True, backlog=256)
        self.listeners[which] = listener
        self.ports[which] = listener.sockets[0].getsockname()[1]

    def _unlisten(self, which):
        listener, self.listeners[which] = self.listeners[which], None
        if listener is not None:
            listener.close()

    async def _refuse(self, target, seconds):
        chosen = [w for w in ("rest", "ws") if target in (w, "both")]
        for which in chosen:
            self._unlisten(which)
        if "rest" in chosen:
            self.web.drop_all()
        await asyncio.sleep(seconds)
        for which in chosen:
            if self.listeners[which] is None and not self.stopping.is_set():
                await self._listen(which)

    def _announce(self):
        line = announce.machine(self.ports, self.clock)
        if self.options.ready_file:
            _publish(self.options.ready_file, line)
        said = announce.shell(self.ports, self.options.made_up) if self.options.announce == "shell" else line
        print(said, flush=True)

    async def _watch_parent(self):
        parent = self.options.parent
        while os.getppid() == parent:
            await asyncio.sleep(0.5)
        self.stopping.set()

    async def run(self):
        """Serves until SIGTERM, SIGINT or the parent's end. Raises OSError when it cannot listen."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        for which in self.listeners:
            await self._listen(which)
        if self.options.masters:
            masters.write(self.options.masters)
        tasks = [asyncio.ensure_future(self.hub.feed.run()), asyncio.ensure_future(self.hub.keep_alive())]
        if self.options.exit_with_parent:
            tasks.append(asyncio.ensure_future(self._watch_parent()))
        self._announce()
        stop = asyncio.ensure_future(self.stopping.wait())
        try:
            done, _ = await asyncio.wait([stop] + tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a defect of the simulator must not look like a quiet market
        finally:
            for task in tasks + [stop]:
                task.cancel()
            await self._close()

    async def _close(self):
        for which in self.listeners:
            self._unlisten(which)
        sessions = list(self.hub.sessions)
        for session in sessions:
            session.finish(1001, "server stops")
        until = time.monotonic() + 1.0
        while any(s.pending() for s in sessions) and time.monotonic() < until:
            await asyncio.sleep(0.02)
        for session in sessions:
            session.writer.close()
        self.web.drop_all()
        if self.proxy:
            self.proxy.drop_all()
        if self.options.stats_file:
            _publish(self.options.stats_file, json.dumps(self.stats.report(self), ensure_ascii=False, indent=1))
        for file in (self.sent_file, self.sessions_file):
            if file:
                file.close()
        await asyncio.sleep(0)
