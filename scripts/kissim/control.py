"""The registration protocol: what KIS answers to each control message of a session."""

import json
import secrets

from .channels import TABLE
from .records import CHANNELS, REAL_ONLY

MESSAGES = {
    "OPSP0000": ("0", "SUBSCRIBE SUCCESS"),
    "OPSP0001": ("0", "UNSUBSCRIBE SUCCESS"),
    "OPSP0002": ("1", "ALREADY IN SUBSCRIBE"),
    "OPSP0003": ("1", "UNSUBSCRIBE ERROR (not found!)"),
    "OPSP0007": ("1", "SUBSCRIBE INTERNAL ERROR"),
    "OPSP0008": ("1", "MAX SUBSCRIBE OVER"),
    "OPSP0009": ("1", "mci send failed"),
    "OPSP0011": ("1", "invalid approval : NOT FOUND"),
    "OPSP8991": ("1", "invalid tr_id"),
    "OPSP8992": ("1", "invalid tr_key"),
    # KIS documents these only as "malformed header or body"; which is which is our choice.
    "OPSP8993": ("9", "JSON PARSING ERROR"),
    "OPSP8994": ("9", "JSON PARSING ERROR : header not found"),
    "OPSP8995": ("9", "JSON PARSING ERROR : body or input not found"),
    "OPSP8997": ("9", "invalid tr_type"),
    "OPSP8998": ("9", "invalid custtype"),
    "OPSP8996": ("9", "ALREADY IN USE appkey"),
    "OPSP9993": ("9", "resource error"),
}


def answer(code, tr, key, rt=None, text=None, keys=None):
    """The bytes of a control answer (form of the recorded B1, B2 and B3).

    `tr` None gives the "(null)" header that KIS sends when it could not tell; `key` None leaves
    tr_key out.
    """
    rt_default, text_default = MESSAGES.get(code, ("1", code))
    header = {"tr_id": "(null)" if tr is None else tr}
    if key is not None:
        header["tr_key"] = key
    header["encrypt"] = "N"
    body = {
        "rt_cd": rt_default if rt is None else rt,
        "msg_cd": code,
        "msg1": text_default if text is None else text,
    }
    if keys:
        body["output"] = {"iv": keys[0], "key": keys[1]}
    text = json.dumps({"header": header, "body": body}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # an echoed tr_id may hold half a surrogate pair


class Desk:
    """Decides about registrations; `hub` knows the sessions, `server` the keys and faults."""

    def __init__(self, server, hub):
        self.server, self.hub = server, hub

    def message(self, session, text):
        """Handles one text message of a client; answers go to the session."""
        try:
            message = json.loads(text)
            if not isinstance(message, dict):
                raise ValueError
        except (ValueError, RecursionError):
            session.control(answer("OPSP8993", None, ""))
            return
        header = message.get("header")
        if not isinstance(header, dict):
            session.control(answer("OPSP8994", None, None))
            return
        if header.get("tr_id") == "PINGPONG":
            session.echo(text)
            return
        body = message.get("body")
        given = body.get("input") if isinstance(body, dict) else None
        if not isinstance(given, dict):
            session.control(answer("OPSP8995", None, ""))
            return
        tr, key = given.get("tr_id"), given.get("tr_key")
        if not isinstance(tr, str) or not isinstance(key, str):
            session.control(answer("OPSP8995", None, ""))
        elif header.get("tr_type") not in ("1", "2"):
            session.control(answer("OPSP8997", tr[:20], key[:20]))
        elif header.get("custtype") not in ("P", "B"):
            session.control(answer("OPSP8998", tr[:20], key[:20]))
        elif self._admitted(session, header.get("approval_key"), tr[:20], key[:20]):
            act = self._subscribe if header["tr_type"] == "1" else self._unsubscribe
            act(session, tr, key)

    def _admitted(self, session, approval, tr, key):
        """Checks the approval key when the session starts; later messages ride on that."""
        session.approval = approval
        if session.app_key is not None:
            return True
        app_key = self.server.desk.app_key_of(approval) if isinstance(approval, str) else None
        if app_key is None:
            session.control(answer("OPSP0011", tr, key))
            return False
        if self.hub.occupied(app_key, session):
            self._in_use(session)
            return False
        session.app_key = app_key
        return True

    def _in_use(self, session):
        self.server.stats.ws_refused_in_use += 1
        session.control(answer("OPSP8996", None, ""))
        session.finish(1000)

    def _subscribe(self, session, tr, key):
        server = self.server
        server.stats.subscribes += 1
        server.stats.repeated += (tr, key) in session.asked
        session.asked.add((tr, key))
        if self._forced(session, tr, key):
            return
        if tr not in CHANNELS or (server.mock and tr in REAL_ONLY):
            session.control(answer("OPSP8991", tr[:20], key[:20]))
            return
        if not TABLE[tr].fits(key) or not server.market.listed(key):
            session.control(answer("OPSP8992", tr, key[:20]))
            return
        if TABLE[tr].costs(key) and not server.options.subscribed:
            self._later("OPSP0009", session, tr, key)
            return
        if (tr, key) in session.registered:
            session.control(answer("OPSP0002", tr, key))
            return
        over = server.faults.mode("max-subscribe")
        most = min(over.params["at"], server.max_registrations) if over else server.max_registrations
        if len(session.registered) >= most:
            if over:
                server.faults.note("max-subscribe")
            self._later("OPSP0008", session, tr, key)
            return
        session.control(answer("OPSP0000", tr, key, keys=(secrets.token_hex(8), secrets.token_hex(16))))
        self.hub.register(session, tr, key)

    def _forced(self, session, tr, key):
        """True when a fault answered instead."""
        def meant(fault):
            return not fault.params.get("symbol") or fault.params["symbol"] == key

        for fault in self.server.faults.strikes("subscribe", meant):
            if fault.name == "no-subscribe-answer":
                session.asked.discard((tr, key))  # asking once more is right
            elif fault.name == "in-use":
                self._in_use(session)
            elif fault.name == "bad-approval":
                session.control(answer("OPSP0011", tr, key, text="invalid appkey : NOT FOUND"))
                session.app_key = None if not session.registered else session.app_key
            elif fault.name == "internal-error":
                self._later("OPSP0007", session, tr, key)
            elif fault.name == "bad-key":
                session.control(answer("OPSP8992", tr, key))
            elif fault.name == "resource":
                session.control(answer("OPSP9993", None, ""))
                session.finish(1011)
            elif fault.name == "reply":
                p = fault.params
                self._later(str(p["msg_cd"]), session, tr, key, p.get("rt_cd"), p.get("msg1"))
            return True
        return False

    def _later(self, code, session, tr, key, rt=None, text=None):
        """An answer after which a client may well ask once more."""
        session.asked.discard((tr, key))
        session.control(answer(code, tr, key, rt, text))

    def _unsubscribe(self, session, tr, key):
        self.server.stats.unsubscribes += 1
        session.asked.discard((tr, key))
        if (tr, key) in session.registered:
            self.hub.unregister(session, tr, key)
            session.control(answer("OPSP0001", tr, key))
        else:
            session.control(answer("OPSP0003", tr[:20], key[:20]))
