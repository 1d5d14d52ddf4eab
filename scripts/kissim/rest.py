"""The REST side: oauth calls, quotation calls with KIS's checks and envelopes, and /sim controls."""

import datetime
import json
import secrets

from . import echo, masters, quotes, symbols
from .faults import Fault
from .http import Reply
from .market import Stock
from .oddrest import OddAnswers
from .tokens import Refused

PRICE = "/uapi/domestic-stock/v1/quotations/inquire-price"
MULTI = "/uapi/domestic-stock/v1/quotations/intstock-multprice"
HOLIDAY = "/uapi/domestic-stock/v1/quotations/chk-holiday"
TR_OF = {PRICE: "FHKST01010100", MULTI: "FHKST11300006", HOLIDAY: "CTCA0903R"}
VENUES = {"J": "KRX", "NX": "NXT", "UN": "UN"}


class Problem(Exception):
    """A quotation call that fails: status, msg_cd, msg1."""


def as_json(value):
    """Compact UTF-8, Korean kept readable, as KIS sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Rest:
    """Answers requests from the state that `server` holds."""

    def __init__(self, server):
        self.server = server
        self.calls = {PRICE: self.price, MULTI: self.multi, HOLIDAY: self.holiday}
        self.odd = OddAnswers(server.options)

    def handle(self, request):
        """The Reply to one request."""
        path, stats = request.path, self.server.stats
        if path.startswith("/sim/"):
            return self._control(request)
        if path.startswith(masters.PATH):
            return self._master(path[len(masters.PATH):])
        page = self.odd.closed(path)
        stats.calls[TR_OF.get(path, path if path in self._oauth_calls() else "other")] += 1
        if page is not None:
            return page
        struck = self.server.strike_rest(path)
        reply = self._forced(request, struck)
        if reply is None:
            if path.startswith("/oauth2/"):
                reply = self._oauth(request)
            else:
                reply = self._quotation(request)
                if self.server.faults.mode("echo-data") and reply.status == 200:
                    reply.body = echo.quotes(reply.body, request)
        for fault in struck:
            if fault.name == "slow":
                reply.delay += fault.params["delay"]
            elif fault.name == "slow-loris":
                reply.style, reply.pace = "loris", fault.params["delay"]
            elif fault.name == "typed-field":
                reply.body = self.server.typed.next(path.rpartition("/")[2], reply.body, fault.params.get("step"))
            elif fault.name == "cut-answer":
                reply.style, reply.limit = "cut", fault.params["at"]
                fault.params["at"] += 1
            elif fault.name in ("endless-body", "hang-up"):
                reply.style = fault.name.partition("-body")[0]
        return reply

    def _forced(self, request, struck):
        """The answer a fault dictates, or None."""
        for fault in struck:
            if fault.name == "http-500":
                return self._failure(request, 500, "EGW00001", "일시적 오류가 발생했습니다.")
            if fault.name == "rate-limit":
                return self._failure(request, 500, "EGW00201", "초당 거래건수를 초과하였습니다.")
            if fault.name == "code":
                p = fault.params
                return self._failure(request, int(p.get("status", 500)), p["msg_cd"],
                                     str(p.get("msg1", "재 조회 수행 부탁드립니다")))
            if fault.name == "garbage-body":
                return Reply(502, b"<html><body>502 Bad Gateway</body></html>", kind="text/html")
        return None

    # --- oauth ---------------------------------------------------------------------------------

    def _oauth_calls(self):
        return ("/oauth2/tokenP", "/oauth2/Approval", "/oauth2/revokeP")

    def _oauth(self, request):
        desk, path = self.server.desk, request.path
        if path not in self._oauth_calls():
            return Reply(404, b"", kind="text/plain")
        if request.method != "POST":
            return self._oauth_failure(request, "EGW00101", "유효하지 않은 요청입니다.")
        try:
            body = json.loads(request.body)
            if not isinstance(body, dict):
                raise ValueError
        except (ValueError, RecursionError):
            return self._oauth_failure(request, "EGW00101", "유효하지 않은 요청입니다.")
        try:
            if path == "/oauth2/revokeP":
                desk.check_pair(body.get("appkey"), body.get("appsecret"))
                held = desk.by_text.get(str(body.get("token")))
                if held is not None:
                    held.spoiled = -1
                return Reply(200, as_json({"code": 200, "message": "접근토큰 폐기에 성공하였습니다"}))
            if body.get("grant_type") != "client_credentials":
                raise Refused("EGW00101", "유효하지 않은 요청입니다. grant_type")
            if path == "/oauth2/tokenP":
                return Reply(200, as_json(desk.token(body.get("appkey"), body.get("appsecret"))))
            return Reply(200, as_json(desk.approval(body.get("appkey"), body.get("secretkey"))))
        except Refused as refused:
            return self._oauth_failure(request, *refused.args)

    def _oauth_failure(self, request, code, text):
        self.server.stats.codes[code] += 1
        if self.server.options.echo_secrets:
            text = echo.rest(text, request)
        return Reply(403, as_json({"error_description": text, "error_code": code}))

    def _master(self, name):
        """A symbol master, which needs no key."""
        held = masters.files().get(name[:-4] if name.endswith(".zip") else "")
        if held is None:
            return Reply(404, b"", kind="text/plain")
        return Reply(200, masters.zipped(name[:-4], held), kind="application/zip")

    # --- quotations ----------------------------------------------------------------------------

    def _failure(self, request, status, code, text):
        self.server.stats.codes[code] += 1
        if self.server.options.echo_secrets:
            text = echo.rest(text, request)
        if request.path.startswith("/oauth2/"):
            body = {"error_description": text, "error_code": code}
        else:
            body = {"rt_cd": "1", "msg_cd": code, "msg1": text}
        return Reply(status, as_json(body), self._trace(request, ""))

    def _trace(self, request, more):
        tr = request.headers.get("tr_id", "")[:20]
        safe = "".join(c for c in tr if c.isascii() and c.isalnum())
        return {"tr_id": safe, "tr_cont": more, "gt_uid": secrets.token_hex(16).upper()}

    def _quotation(self, request):
        try:
            self._check(request)
            odd = self.odd.body([c for n, c in request.query.items() if n.startswith("FID_INPUT_ISCD")])
            if odd is not None:
                self.server.stats.codes[odd["msg_cd"]] += odd["rt_cd"] != "0"
                return Reply(200, as_json(odd), self._trace(request, ""))
            output, more, extra = self.calls[request.path](request)
        except Problem as problem:
            return self._failure(request, *problem.args)
        body = dict(extra, output=output, rt_cd="0", msg_cd="MCA00000", msg1="정상처리 되었습니다!")
        return Reply(200, self.odd.encode(body), self._trace(request, more))

    def _check(self, request):
        """KIS's gateway checks, cheapest first. Raises Problem."""
        server, headers = self.server, request.headers
        if request.path not in self.calls:
            raise Problem(404 if not request.path.startswith("/uapi/") else 500, "OPSQ0002",
                          "없는 서비스 코드 입니다")
        if request.method != "GET":
            raise Problem(500, "EGW00101", "유효하지 않은 요청입니다.")
        if "application/json" not in headers.get("content-type", "").lower():
            raise Problem(500, "EGW00132", "content-type이 유효하지 않습니다.")
        key = headers.get("appkey", "")
        try:
            server.desk.check_pair(key, headers.get("appsecret", ""))
        except Refused as refused:
            raise Problem(500, *refused.args) from None
        if headers.get("custtype") not in ("P", "B"):
            raise Problem(500, "EGW00208", "custtype이 유효하지 않습니다.")
        tr = headers.get("tr_id", "")
        if tr not in TR_OF.values():
            raise Problem(500, "OPSQ0002", "없는 서비스 코드 입니다")
        if tr != TR_OF[request.path]:
            raise Problem(500, "EGW00101", "유효하지 않은 요청입니다. tr_id")
        if server.mock and request.path != PRICE:
            raise Problem(500, "EGW00213", "모의투자 TR이 아닙니다.")
        if not server.limit.allow(key):
            raise Problem(500, "EGW00201", "초당 거래건수를 초과하였습니다.")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not scheme:
            raise Problem(500, "EGW00122", "토큰이 없습니다.")
        if scheme != "Bearer":
            raise Problem(500, "EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)")
        bad = server.desk.check_token(token.strip(), key)
        if bad:
            raise Problem(500, *bad)

    def _venue(self, code):
        if code not in VENUES:
            raise Problem(200, "OPSQ2001", "ERROR INVALID_CHECK_MRKT_DIV_CODE")
        return VENUES[code]

    def price(self, request):
        """inquire-price."""
        venue = self._venue(request.query.get("FID_COND_MRKT_DIV_CODE"))
        code = request.query.get("FID_INPUT_ISCD", "")
        if not symbols.well_formed(code):
            raise Problem(200, "OPSQ2002", "ERROR INVALID_INPUT_FILED_SIZE")
        if not self.server.market.listed(code):
            raise Problem(200, "OPSQ2001", "ERROR INVALID_CHECK_MRKT_DIV_CODE")
        today = self.server.clock.date()
        stock = self.server.snapshot(code, venue)
        if stock is None:
            # A stock beside the market: every symbol of the market itself may be unknown.
            example = quotes.inquire_price(Stock("005930", 0), today)
            return quotes.no_price(example, code), "", {}
        self.server.stats.rows[TR_OF[PRICE]][code] += 1
        return self.odd.spoil(code, quotes.inquire_price(stock, today), "bstp_kor_isnm"), "", {}

    def multi(self, request):
        """intstock-multprice: suffixes 1 to 30; a suffix 0 or above 30 is not read."""
        rows = []
        for index in range(1, 31):
            code = request.query.get("FID_INPUT_ISCD_%d" % index, "")
            if not code:
                continue
            venue = self._venue(request.query.get("FID_COND_MRKT_DIV_CODE_%d" % index))
            stock = self.server.snapshot(code, venue)
            if stock is None or stock.halted:
                rows.append(quotes.multi_empty("" if self.server.blank_rows else code[:12]))
            else:
                self.server.stats.rows[TR_OF[MULTI]][code] += 1
                rows.append(self.odd.spoil(code, quotes.multi_row(stock), "inter_kor_isnm"))
        if not rows:
            raise Problem(200, "OPSQ2001", "ERROR INVALID_CHECK_MRKT_DIV_CODE")
        return rows, "", {}

    def holiday(self, request):
        """chk-holiday: 24 days a page, the next page through CTX_AREA_NK and tr_cont N."""
        first = request.query.get("BASS_DT", "")
        try:
            day = datetime.datetime.strptime(first, "%Y%m%d").date()
            if request.headers.get("tr_cont") == "N":
                last = request.query.get("CTX_AREA_NK", "").strip()
                day = datetime.datetime.strptime(last, "%Y%m%d").date() + datetime.timedelta(days=1)
            rows = quotes.holidays(day, self.server.closed_days)
        except (ValueError, OverflowError):
            raise Problem(200, "OPSQ2002", "ERROR INVALID_INPUT_FILED_SIZE") from None
        areas = {"ctx_area_nk": rows[-1]["bass_dt"].ljust(20), "ctx_area_fk": first.ljust(20)}
        return rows, "M" if request.headers.get("tr_cont") == "N" else "F", areas

    # --- controls ------------------------------------------------------------------------------

    def _control(self, request):
        if request.path == "/sim/stats" and request.method == "GET":
            return Reply(200, as_json(self.server.stats.report(self.server)))
        if request.path == "/sim/fault" and request.method == "DELETE":
            self.server.faults.clear(request.query.get("name"))
            return Reply(200, b'{"ok":true}')
        if request.path == "/sim/fault" and request.method == "POST":
            try:
                params = json.loads(request.body)
                name = params.pop("name")
                if name == "clear":
                    self.server.faults.clear(params.get("fault"))
                else:
                    self.server.arm(Fault(name, params))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                return Reply(400, as_json({"ok": False, "error": str(error)}))
            return Reply(200, b'{"ok":true}')
        return Reply(404, b'{"ok":false,"error":"GET /sim/stats, POST or DELETE /sim/fault"}')
