"""Switches that make the simulator misbehave, at start or while it runs."""

import time

# name: (where it strikes, meaning of ARG, default of ARG, default of n, help)
#   rest: a call to /uapi; ws: a data frame about to be sent; subscribe: a registration request;
#   upgrade: a connection to the WebSocket port; control: a control message about to be sent
#   now: acts at once; with @N or at start: when so many calls have gone by (expired-token,
#        refuse) or so many data frames (the others, and refuse with target=ws)
#   mode: lasts until it is cleared
CATALOGUE = {
    "expired-token": ("now", "n", -1, 1, "every token answers EGW00123 for N calls (-1: until re-issue)"),
    "http-500": ("rest", "n", 1, 1, "EGW00001 with HTTP 500 for N calls (or seconds=S)"),
    "garbage-body": ("rest", "n", 1, 1, "HTTP 502 with an HTML body for N calls"),
    "rate-limit": ("rest", "n", 1, 1, "EGW00201 for N calls"),
    "code": ("rest", "msg_cd", "EGW00300", 1, "this msg_cd with HTTP 500 for n calls (status=, msg1=)"),
    "slow": ("rest", "delay", 1.0, -1, "each answer waits so many seconds"),
    "slow-loris": ("rest", "delay", 0.2, 1, "the answer comes byte by byte, so many seconds apart"),
    "endless-body": ("rest", "n", 1, 1, "a chunked body that never ends"),
    "hang-up": ("rest", "n", 1, 1, "closes the connection in the middle of the answer"),
    "cut-answer": ("rest", "at", 20, 1, "closes the connection after byte K of an answer, K one more each time"),
    "typed-field": ("rest", "n", 1, 1, "one field has another JSON type, the next field or type each time (step=)"),
    "refuse": ("now", "seconds", 2.0, 1, "closes the listeners for S seconds (target=rest|ws|both)"),
    "cut": ("ws", "after", 0, 1, "drops TCP without a close frame, now or after N frames (rst=true: reset)"),
    "cut-inside": ("ws", "at", 0, 1, "drops TCP after byte K of a data frame, K one more each time (tr=TR)"),
    "half-dead": ("ws", "after", 0, 1, "stays open but sends and answers nothing any more"),
    "close": ("ws", "code", 1000, 1, "sends a close frame with this code"),
    "bad-upgrade": ("upgrade", "kind", "accept", 1, "answers the upgrade with a wrong accept, 500 or endless"),
    "big-frame": ("ws", "size", 10485760, 1, "one text frame of so many bytes"),
    "bad-utf8": ("ws", "n", 1, 1, "a text frame that is not UTF-8"),
    "bad-json": ("ws", "n", 1, 1, "a control message that is not JSON"),
    "wrong-count": ("ws", "n", 1, 1, "a frame whose record count does not divide its fields"),
    "negative-count": ("ws", "n", 1, 1, "a frame with record count -01"),
    "huge-count": ("ws", "n", 1, 1, "a frame with a record count beyond 64 bits"),
    "short-frame": ("ws", "n", 1, 1, "a frame with ten fields only"),
    "foreign-symbol": ("ws", "symbol", "900110", 1, "a record of a symbol nobody asked for"),
    "encrypted": ("ws", "n", 1, 1, "a `1|` frame, as order notices are"),
    "empty-field": ("ws", "n", 1, 1, "a copy of a record with an empty price"),
    "odd-bytes": ("ws", "n", 1, 1, "a copy of a record with NUL, line end, quote and bad UTF-8 (index=)"),
    "duplicate": ("ws", "n", 1, 1, "the same data frame once more"),
    "lose": ("ws", "trades", 5, 1, "each subscribed symbol trades so often unseen"),
    "masked-server-frame": ("ws", "n", 1, 1, "a masked frame, which a server must not send"),
    "reserved-bits": ("ws", "n", 1, 1, "a frame with RSV1 set"),
    "unknown-opcode": ("ws", "n", 1, 1, "a frame with opcode 3"),
    "long-control": ("ws", "n", 1, 1, "a ping of 126 bytes"),
    "fragmented-ping": ("ws", "n", 1, 1, "a ping without FIN"),
    "lonely-continuation": ("ws", "n", 1, 1, "a continuation without a beginning"),
    "ping": ("ws", "n", 1, 1, "an RFC 6455 ping, which must be answered"),
    "fragment": ("mode", "size", 64, -1, "data frames in continuation frames of so many bytes, pings between"),
    "split": ("mode", "most", 7, -1, "bytes leave the socket 1..k at a time"),
    "binary": ("mode", "n", -1, -1, "data in binary instead of text frames"),
    "echo-data": ("mode", "n", -1, -1, "quotes and frames repeat the keys of whom they are for"),
    "unreadable": ("mode", "kind", "encrypted", -1, "data encrypted, or packed: in binary frames that name no TR"),
    "typed-control": ("control", "n", 1, 1, "as typed-field, of answers to registrations and of PINGPONG"),
    "no-subscribe-answer": ("subscribe", "n", 1, 1, "registrations get no answer"),
    "in-use": ("subscribe", "n", 1, 1, "OPSP8996 and a closed connection for N sessions"),
    "bad-approval": ("subscribe", "n", 1, 1, "OPSP0011 for N registrations"),
    "internal-error": ("subscribe", "n", 1, 1, "OPSP0007 for N registrations"),
    "resource": ("subscribe", "n", 1, 1, "OPSP9993 and a closed connection for N registrations"),
    "reply": ("subscribe", "msg_cd", "OPSP0009", 1, "this msg_cd for n registrations (rt_cd=, msg1=)"),
    "bad-key": ("subscribe", "symbol", "", -1, "OPSP8992 for this symbol"),
    "max-subscribe": ("mode", "at", 3, -1, "OPSP0008 beyond this number of registrations"),
    "halt": ("now", "symbol", "005930", 1, "halts this symbol (on=false resumes)"),
    "pingpong": ("now", "n", 1, 1, "sends PINGPONG at once"),
    "revoke": ("now", "key", 1, 1, "app key number N (1: --app-key) is accepted no more, its sessions are dropped"),
    "forget-approvals": ("now", "n", 1, 1, "no approval key issued so far is known any more"),
}


class Fault:
    """One armed switch. `skip` events pass before it strikes, then `n` times (-1: always)."""

    def __init__(self, name, params):
        if name not in CATALOGUE:
            raise ValueError("no fault named %r; see --help" % name)
        self.name = name
        self.where, self.argument, default, times, _ = CATALOGUE[name]
        self.params = dict(params)
        value = self.params.pop("arg", None)
        if value is not None:
            self.params.setdefault(self.argument, value)
        self.params.setdefault(self.argument, default)
        if self.argument != "n":
            self.params.setdefault("n", times)
        try:
            for key in ("n", "size", "at", "after", "code", "most", "trades", "key"):
                if key in self.params:
                    self.params[key] = int(self.params[key])
            for key in ("delay", "seconds"):
                if key in self.params:
                    self.params[key] = float(self.params[key])
            self.skip = int(self.params.pop("skip", 0)) + int(self.params.get("after", 0))
        except (TypeError, ValueError):
            raise ValueError("fault %s: a number is needed in %r" % (name, params)) from None
        self.left, self.event = self.params["n"], self.where
        if self.where == "now":
            on_calls = name in ("expired-token", "refuse") and self.params.get("target") != "ws"
            self.left, self.event = 1, "rest" if on_calls else "ws"
        seconds = self.params.get("seconds")
        self.deadline = None
        if seconds is not None and self.where != "now":
            self.left, self.deadline = -1, time.monotonic() + seconds

    def spent(self):
        """True when it can never strike again."""
        return self.left == 0 or (self.deadline is not None and time.monotonic() > self.deadline)


class Faults:
    """All armed switches and how often each has struck."""

    def __init__(self):
        self.armed = []
        self.fired = {}

    @staticmethod
    def parse(text):
        """NAME[=ARG][@N] of the command line."""
        text, _, skip = text.partition("@")
        name, _, value = text.partition("=")
        params = {"arg": value} if value else {}
        if skip:
            params["skip"] = skip
        return Fault(name, params)

    def arm(self, fault):
        """Adds a switch; a mode replaces an earlier one of its name."""
        if fault.where == "mode":
            self.clear(fault.name)
        self.armed.append(fault)

    def clear(self, name=None):
        """Disarms one name, or everything."""
        self.armed = [] if name is None else [f for f in self.armed if f.name != name]

    def strikes(self, where, matches=None):
        """The faults that strike at this event, in the order of arming; uses them up."""
        if not self.armed:
            return ()
        struck = []
        for fault in self.armed:
            if where not in (fault.where, fault.event):
                continue
            if fault.spent() or (matches and not matches(fault)):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.left -= 1 if fault.left > 0 else 0
            self.note(fault.name)
            struck.append(fault)
        if struck:
            self.armed = [f for f in self.armed if not f.spent()]
        return struck

    def mode(self, name):
        """The armed fault that is a lasting mode, or None."""
        for fault in self.armed:
            if fault.name == name and not fault.spent():
                return fault
        return None

    def note(self, name):
        """Counts a strike for the statistics."""
        self.fired[name] = self.fired.get(name, 0) + 1
