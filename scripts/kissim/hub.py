"""All WebSocket sessions and their registrations."""

import asyncio
import time

from .control import Desk
from .feed import Feed
from .limits import Window
from .session import Session, full
from .upgrade import handshake


class Hub:
    """Sessions and registrations."""

    def __init__(self, server, options):
        self.server = server
        self.options = options
        self.sessions = []
        self.connects = Window(60.0)
        self.control = Desk(server, self)
        self.held = {}  # app key -> until when a dropped session still occupies it
        self.feed = Feed(server, self, options)

    # --- sessions ------------------------------------------------------------------------------

    async def connection(self, reader, writer):
        """One TCP connection to the WebSocket port."""
        session = None
        try:
            self.connects.add(time.monotonic())
            if full(self) or not await handshake(reader, writer, self.server.faults.strikes("upgrade")):
                return
            session = Session(self.server, self, reader, writer)
            self.sessions.append(session)
            self.server.stats.ws_connects += 1
            self.server.stats.max_sessions = max(self.server.stats.max_sessions, len(self.sessions))
            await session.run()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # the client has gone, or the server stops
        finally:
            if session is not None:
                self.leave(session)
            writer.close()  # what was written before still leaves

    def occupied(self, app_key, newcomer):
        """True when another session (or its ghost) owns the app key."""
        if self.held.get(app_key, 0) > time.monotonic():
            return True
        owners = [s for s in self.sessions if s.app_key == app_key and s is not newcomer]
        if owners and self.options.kick_first:
            for owner in owners:
                owner.cut(False)
            return False
        return bool(owners)

    def leave(self, session, unclean=False):
        """Forgets a session; a second call does nothing."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        self.server.record_session(session)
        if unclean and session.app_key and self.options.hold_session:
            self.held[session.app_key] = time.monotonic() + self.options.hold_session
        self.feed.recount()

    def register(self, session, tr, code):
        """Adds a registration."""
        session.registered.add((tr, code))
        session.codes.setdefault(tr, set()).add(code)
        total = sum(len(s.registered) for s in self.sessions)
        self.server.stats.max_registrations = max(self.server.stats.max_registrations, total)
        self.feed.registered(tr, code)

    def unregister(self, session, tr, code):
        """Removes a registration."""
        session.registered.discard((tr, code))
        session.codes[tr].discard(code)
        self.feed.recount()

    def flush(self):
        """Hands what is queued to the sockets."""
        for session in list(self.sessions):
            session.flush()
        self.server.flush_record()

    async def drain(self):
        """Waits for a slow reader instead of losing records; gives up on it after a while."""
        for session in list(self.sessions):
            until = time.monotonic() + self.options.stall
            while session.pending() > 1 << 20:
                if time.monotonic() > until:
                    self.server.stats.slow_consumers += 1
                    session.cut(True)
                    break
                await asyncio.sleep(0.01)

    async def keep_alive(self):
        """Sends PINGPONG to idle sessions and ends those that do not answer."""
        every, timeout = self.options.pingpong, self.options.pingpong_timeout
        nap = min(1.0, max(0.05, min(every or 4.0, timeout) / 4))
        while True:
            await asyncio.sleep(nap)
            now = time.monotonic()
            for session in list(self.sessions):
                session.tend(now, every, timeout)
