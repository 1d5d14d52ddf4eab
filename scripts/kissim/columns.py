"""What stands in a column, by its name: one rule for a name or a family of names, over all channels."""

import re
import zlib

SELL, BUY = 0, 1
BROKERS = ("미래에셋증권", "키움증권", "NH투자증권", "한국증권", "삼성증권")
BROKERS_ENGLISH = ("MIRAE ASSET", "KIWOOM", "NH INVEST", "KOREA INVEST", "SAMSUNG")


def sign(change):
    """PRDY_VRSS_SIGN without price limits."""
    return "2" if change > 0 else "5" if change < 0 else "3"


def _percent(part, whole, plus=False):
    return ("%+.2f" if plus else "%.2f") % (part * 100 / whole) if whole else "0.00"


class Moment:
    """What the rules read: an instrument, the time, and whether the channel tells what an auction would lead to."""

    def __init__(self, instrument, clock, expected=False):
        self.i, self.expected = instrument, expected
        self.hms, self.date = clock.hms(), clock.date()
        self.local_date, self.local_hms = instrument.local(clock)
        self.change = instrument.price - instrument.close

    def against(self, price):
        """The price against one of the day; an index has that one against the previous close instead."""
        return price - self.i.close if self.i.product == "index" else self.i.price - price


def _price(pick):
    return lambda m, n: m.i.text(pick(m, n))


def _sign(pick):
    return lambda m, n: sign(pick(m))


def _of_day(name):
    return lambda m: m.against(getattr(m.i, name))


RULES = [
    # keys and times
    (r"MKSC_SHRN_ISCD|STND_ISCD|BSTP_CLS_CODE|NMIX_ID|FUTS_SHRN_ISCD|OPTN_SHRN_ISCD|SERIES_CD|RSYM",
     lambda m, n: m.i.key),
    (r"SYMB", lambda m, n: m.i.key[4:]),
    (r"BOND_ISNM", lambda m, n: "국고03250-5303(23-2)"),
    (r"ZDIV", lambda m, n: str(m.i.kind.digits)),
    (r"STCK_CNTG_HOUR|BSOP_HOUR|TRNM_HOUR|KHMS|RECV_TIME2?", lambda m, n: m.hms),
    (r"XHMS", lambda m, n: m.local_hms),
    (r"BSOP_DATE|STND_DATE1|KYMD|RECV_DATE|BSNS_DATE|MRKT_(?:OPEN|CLOSE)_DATE",
     lambda m, n: m.date),
    (r"XYMD|TYMD", lambda m, n: m.local_date),
    (r"MRKT_OPEN_TIME", lambda m, n: "080000"), (r"MRKT_CLOSE_TIME", lambda m, n: "070000"),
    (r"(OPRC|HGPR|LWPR)_HOUR", lambda m, n: "000000" if m.i.kind.unit > 1 or m.expected else
     {"O": m.i.open_hms, "H": m.i.high_hms, "L": m.i.low_hms}[n[0]]),
    # prices
    (r"STCK_PRPR|PRPR_NMIX|FUTS_PRPR|OPTN_PRPR|LAST|LAST_PRICE|TOTL_ERNN_NMIX|NAV|ANTC_CNPR",
     _price(lambda m, n: m.i.price)),
    (r"STCK_OPRC|OPRC_NMIX|FUTS_OPRC|OPTN_OPRC|OPEN|OPEN_PRICE|TOTL_ERNN_NMIX_OPRC|OPRC_NAV",
     _price(lambda m, n: 0 if m.expected else m.i.open)),
    (r"STCK_HGPR|NMIX_HGPR|FUTS_HGPR|OPTN_HGPR|HIGH|HIGH_PRICE|TOTL_ERNN_NMIX_HGPR|HPRC_NAV",
     _price(lambda m, n: 0 if m.expected else m.i.high)),
    (r"STCK_LWPR|NMIX_LWPR|FUTS_LWPR|OPTN_LWPR|LOW|LOW_PRICE|TOTL_ERNN_NMIX_LWPR|LPRC_NAV",
     _price(lambda m, n: 0 if m.expected else m.i.low)),
    (r"STCK_PRDY_CLPR|PREV_PRICE|PRDY_TOTL_ERNN_NMIX|STTL_PRICE|PSTTL_PRICE", _price(lambda m, n: m.i.close)),
    (r"DYNM_MXPR", _price(lambda m, n: m.i.price + 50 * m.i.kind.step)),
    (r"DYNM_LLAM", _price(lambda m, n: max(0, m.i.price - 50 * m.i.kind.step))),
    (r"HTS_THPR|BOND_FUTS_THPR|CLEN_PRC_NMIX|MRKT_PRC_NMIX|BOND_(?:CALL_RNVS|ZERO_RNVS)_NMIX",
     _price(lambda m, n: m.i.close + _own(n, 99) * m.i.kind.step)),
    (r"WGHN_AVRG_STCK_PRC", lambda m, n: "0.00" if m.expected else "%.2f" % (m.i.value / m.i.volume)),
    # against the previous close and the day
    (r".*PRDY_VRSS_SIGN|SIGN|PREV_SIGN|PSTTL_SIGN|QUOTSIGN|ANTC_CNTG_VRSS_SIGN",
     _sign(lambda m: m.change)),
    (r"DIFF", _price(lambda m, n: abs(m.change))),
    (r".*PRDY_VRSS|PREV_DIFF_PRICE|PSTTL_DIFF_PRICE|ANTC_CNTG_VRSS", _price(lambda m, n: m.change)),
    (r"RATE", lambda m, n: _percent(m.change, m.i.close, True) if m.change else "0.00"),
    (r".*PRDY_CTRT|PREV_DIFF_RATE|PSTTL_DIFF_RATE", lambda m, n: _percent(m.change, m.i.close)),
    (r"OPRC_VRSS_\w*SIGN", _sign(_of_day("open"))), (r"HGPR_VRSS_\w*SIGN", _sign(_of_day("high"))),
    (r"LWPR_VRSS_\w*SIGN", _sign(_of_day("low"))),
    (r"OPRC_VRSS_\w*", _price(lambda m, n: _of_day("open")(m))),
    (r"HGPR_VRSS_\w*", _price(lambda m, n: _of_day("high")(m))),
    (r"LWPR_VRSS_\w*", _price(lambda m, n: _of_day("low")(m))),
    (r"PRDY_CLPR_VRSS_(OPRC|HGPR|LWPR)_RATE", lambda m, n: _percent(
        {"O": m.i.open, "H": m.i.high, "L": m.i.low}[n[15]] - m.i.close, m.i.close)),
    (r"TICK_VRSS", lambda m, n: str(m.i.price - m.i.before)),
    # trades and totals
    (r"SELN_CNQN", lambda m, n: str(m.i.sold)), (r"SHNU_CNQN", lambda m, n: str(m.i.bought)),
    (r"NTBY_CNQN", lambda m, n: str(m.i.bought - m.i.sold)),
    (r"SELN_TR_PBMN", lambda m, n: str(m.i.sold * m.i.close)),
    (r"SHNU_TR_PBMN", lambda m, n: str(m.i.bought * m.i.close)),
    (r"NTBY_TR_PBMN", lambda m, n: str((m.i.bought - m.i.sold) * m.i.close)),
    (r"CNTG_VOL|LAST_CNQN|EVOL|LAST_QNTT|PCAS_VOL|ANTC_CNQN|ANTC_VOL", lambda m, n: str(m.i.quantity)),
    (r"ACML_VOL|TVOL|VOL", lambda m, n: str(m.i.volume)),
    (r"ACML_TR_PBMN|TAMT", lambda m, n: str(m.i.value)),
    (r"PCAS_TR_PBMN", lambda m, n: str(m.i.quantity * m.i.price // 10**m.i.kind.digits)),
    (r"PRDY_VOL", lambda m, n: str(m.i.previous_volume)),
    (r"SELN_CNTG_CSNU", lambda m, n: "0" if m.expected else str(m.i.sells)),
    (r"SHNU_CNTG_CSNU", lambda m, n: "0" if m.expected else str(m.i.buys)),
    (r"NTBY_CNTG_CSNU", lambda m, n: "0" if m.expected else str(m.i.buys - m.i.sells)),
    (r"SELN_CNTG_SMTN|BIVL", lambda m, n: "0" if m.expected else str(m.i.sold)),
    (r"SHNU_CNTG_SMTN|ASVL", lambda m, n: "0" if m.expected else str(m.i.bought)),
    (r"CTTR|STRN", lambda m, n: "0.00" if m.expected else _percent(m.i.bought, m.i.sold)),
    (r"SHNU_RATE", lambda m, n: "0.01" if m.expected else "%.2f" % (m.i.bought / m.i.volume)),
    (r"PRDY_VOL_VRSS_ACML_VOL_RATE", lambda m, n: _percent(m.i.volume, m.i.previous_volume)),
    (r"CCLD_DVSN|CNTG_CLS_CODE", lambda m, n: str(m.i.side)),
    (r"CNTG_TYPE_CLS_CODE|DYNM_PRC_LIMT_YN", lambda m, n: "2"),
    (r"MTYP|ACTIVE_FLAG", lambda m, n: "1"),
    # books
    (r"(?:FUTS_|OPTN_)?ASKP(\d+)|PASK(\d*)|ASK_PRICE_(\d+)", lambda m, n: m.i.text(m.i.ask(_level(n)))),
    (r"(?:FUTS_|OPTN_)?BIDP(\d+)|PBID(\d*)|BID_PRICE_(\d+)", lambda m, n: m.i.text(m.i.bid(_level(n)))),
    (r"(?:LP_)?ASKP_RSQN(\d+)|VASK(\d*)|ASK_QNTT_(\d+)", lambda m, n: str(m.i.sizes[0][_level(n) - 1])),
    (r"(?:LP_)?BIDP_RSQN(\d+)|VBID(\d*)|BID_QNTT_(\d+)", lambda m, n: str(m.i.sizes[1][_level(n) - 1])),
    (r"ASKP_CSNU(\d+)|ASK_NUM_(\d+)", lambda m, n: str(1 + m.i.sizes[2][_level(n) - 1] % 30)),
    (r"BIDP_CSNU(\d+)|BID_NUM_(\d+)", lambda m, n: str(1 + m.i.sizes[3][_level(n) - 1] % 30)),
    (r"DASK(\d+)|DBID(\d+)", lambda m, n: str(m.i.sizes[2][_level(n) - 1] % 90 - 40)),
    (r"(?:ASKP|BIDP)_ERT(\d+)|(?:OPRC|HGPR|LWPR|BOND_CNTG)_ERT",
     lambda m, n: "%.3f" % (3 + m.change / max(1, m.i.close) * 10)),
    (r"(?:LP_)?TOTAL_ASKP_(?:RSQN|CSNU)|AVOL|SELN_RSQN", lambda m, n: str(sum(m.i.sizes[0]))),
    (r"(?:LP_)?TOTAL_BIDP_(?:RSQN|CSNU)|BVOL|SHNU_RSQN", lambda m, n: str(sum(m.i.sizes[1]))),
    (r"\w*_ICDC\d?|BDVL|ADVL|OTST_STPL_RGBF_QTY_ICDC", lambda m, n: str(m.i.sizes[3][0] % 90 - _own(n, 80))),
    # options
    (r"DELTA|GAMA|VEGA|THETA|RHO|INVL_VAL", lambda m, n: "-nan" if m.i.product == "night-option" else
     "%.4f" % ((m.i.sizes[2][0] % 50 - _own(n, 900)) / 1000)),
    # brokers
    (r"(?:SELN2|BYOV)_MBCR_NAME(\d)", lambda m, n: BROKERS[_level(n) - 1]),
    (r"(?:SELN2|BYOV)_MBCR_ENG_NAME(\d)", lambda m, n: BROKERS_ENGLISH[_level(n) - 1]),
    (r"(?:SELN|SHNU)_MBCR_GLOB_YN_(\d)", lambda m, n: "NYNYN"[_level(n) - 1]),
    (r"(?:SELN|SHNU)_MBCR_NO(\d)", lambda m, n: "%05d" % (5 * _level(n))),
    (r"(?:SELN|SHNU)_MBCR_RLIM(\d)|GLOB_(?:SELN|SHNU)_RLIM", lambda m, n: "%.2f" % (m.i.sizes[2][_level(n) - 1] % 30)),
    # codes of the market
    (r"NEW_MKOP_CLS_CODE", lambda m, n: "00" if m.expected else "20"), (r"TRHT_YN", lambda m, n: "N"),
    (r"HOUR_CLS_CODE", lambda m, n: "B" if m.expected else "0"), (r"ANTC_MKOP_CLS_CODE", lambda m, n: "112"),
    (r"MRKT_TRTM_CLS_CODE|MKOP_CLS_CODE", lambda m, n: ""), (r"VI_STND_PRC", _price(lambda m, n: m.i.close)),
    # families that are left
    (r"EXTRA\d", lambda m, n: "" if n[-1] in "17" else "0"),
    (r"\w*_(?:RATE?|RAT|VLTL|ERT|BASIS)|DPRT|ESDG|GEAR|PRIT|CFP|\w*_VAL|\w*SPEAD\w*|N?FMSC_\w*|NMSC_\w*|VOL_TNRT",
     lambda m, n: "%.2f" % ((m.i.sizes[2][0] % 50 - _own(n, 900)) / 100)),
    (r"SELN_\w*(?:QTY|VOL|CNQN|AMT|PBMN)|\w*(?:QTY|QT|VOL|HVOL|CNQN|AMT|PBMN|CNT|QTY\d|RSQN)",
     lambda m, n: str(m.i.sizes[2][3] + _own(n, 100000))),
]


def _own(name, most):
    """A number of the column's own, so that values that stand in a wrong column are seen."""
    return zlib.crc32(name.encode("ascii")) % most


def _level(name):
    digits = re.search(r"(\d+)$", name)
    return int(digits.group(1)) if digits else 1


_FOUND = {}


def rule(name):
    """The rule of a column; of several that fit the first stands. Names without one are empty or 0."""
    if name not in _FOUND:
        _FOUND[name] = next((make for pattern, make in RULES if re.fullmatch(pattern, name)), None)
    return _FOUND[name]


def record(channel, moment, printed=False):
    """The text of one record."""
    out = []
    for name in channel.printed if printed else channel.columns:
        make = rule(name)
        out.append(make(moment, name) if make else "0" if name in channel.numbers else "")
    return "^".join(out)
