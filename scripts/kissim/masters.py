"""Small symbol masters in the form of the exchange's public files (KIS.md 0.2), CP949, a symbol a line."""

import io
import os
import zipfile

from . import symbols

PATH = "/common/master/"  # where they are served, as NAME.zip


def _isin(code):
    """An ISIN of the right form: the check digit is computed."""
    body = "KR7%s00" % code[-6:]
    digits = "".join(str(int(c, 36)) for c in body)
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value // 10 + value % 10
    return body + str(-total % 10)


def _group(code):
    if code.startswith("Q"):
        return "EN"
    return "EF" if code in symbols.FUNDS else "ST"


def _padded(name, width):
    """`name` followed by spaces: `width` bytes in CP949."""
    return name + " " * (width - len(name.encode("cp949")))


def _fixed(shares, tail):
    """Lines with short code (9), ISIN (12), name (40 bytes) and an ASCII tail of `tail`, line end included."""
    return "".join("%-9s%-12s%s%s\n" % (code, _isin(code), _padded(name, 40), (group + "0" * 20).ljust(tail - 1))
                   for code, name, group in shares)


# Group codes that differ from what symbols.is_fund tells.
_OTHERS = (("57LA24", "모의LA24삼성전자콜", "EW"), ("330590", "롯데리츠", "RT"))
_INDICES = (("0", "0001", "종합"), ("0", "0002", "대형주"), ("1", "1001", "KOSDAQ"), ("2", "2001", "KOSPI200"))
# Product, short code, ISIN, name, -, strike, month, underlying code and name; 1 future, 5 call, 6 put, B mini future.
_DERIVATIVES = (
    "1|A01612|KR4A016C0004|F 202612| |00000.00|1|2001|KOSPI200",
    "1|A01703|KR4A01730006|F 202703| |00000.00|2|2001|KOSPI200",
    "B|A05612|KR4A056C0005|미니F 202612| |00000.00|1|2001|KOSPI200",
    "5|201W08427|KR4201W84275|C 202608 427.5|2|00427.50| |2001|KOSPI200",
)
_STOCK_FUTURES = ("1|111W09|KR4111W90002|삼성전자   F 202609 (  10)| |00000.00|1|005930|삼성전자",)
_WORLD = (("P", ".DJI", "Dow Jones", "다우존스 산업지수"), ("P", "COMP", "Nasdaq Composite", "나스닥 종합"))
# Exchange: nation, currency, (ticker, Korean name, English name, type: 2 share, 3 ETF).
_OVERSEAS = {
    "nas": ("US", "USD", (("AAPL", "애플", "APPLE INC", "2"), ("GOOGL", "알파벳 A", "ALPHABET INC-CL A", "2"))),
    "nys": ("US", "USD", (("IBM", "IBM", "INTL BUSINESS MACHINES CORP", "2"),)),
    "ams": ("US", "USD", (("SPY", "SPDR S&P 500 ETF", "SPDR S&P 500 ETF TRUST", "3"),)),
    "hks": ("HK", "HKD", (("00003", "홍콩중화가스", "HK & CHINA GAS", "2"),)),
    "tse": ("JP", "JPY", (("7203", "도요타자동차", "TOYOTA MOTOR CORP", "2"),)),
}


def _overseas(exchange):
    """A line for each share: 24 columns between tabs, the first ten of them meant. The real-time key is without its D."""
    nation, currency, shares = _OVERSEAS[exchange]
    code = exchange.upper()
    rows = ([nation, "", code, code, ticker, code + ticker, korean, english, kind, currency] + [""] * 14
            for ticker, korean, english, kind in shares)
    return "".join("\t".join(row) + "\n" for row in rows)


def files():
    """{name: bytes} of every master."""
    shares = [(code, facts[0], _group(code), facts[3]) for code, facts in symbols.KNOWN.items()]
    kospi = [share[:3] for share in shares if share[3] == "KOSPI"] + list(_OTHERS)
    kosdaq = [share[:3] for share in shares if share[3] == "KOSDAQ"]
    konex = [("112190", "KC산업", "ST"), ("176750", "듀켐바이오", "ST")]
    # Without the line end KONEX has a tail of 184: its sample strips the line before it counts.
    text = {
        "kospi_code.mst": _fixed(kospi, 228),
        "kosdaq_code.mst": _fixed(kosdaq, 222),
        "konex_code.mst": _fixed(konex, 185),
        "idxcode.mst": "".join(market + code + _padded(name, 40) + "\n" for market, code, name in _INDICES),
        "fo_idx_code_mts.mst": "\n".join(_DERIVATIVES) + "\n",
        "fo_stk_code_mts.mst": "\n".join(_STOCK_FUTURES) + "\n",
        "frgn_code.mst": "".join(kind + code.ljust(10) + english.ljust(40) + _padded(korean, 40) + "\n"
                                 for kind, code, english, korean in _WORLD),
    }
    for exchange in _OVERSEAS:
        text[exchange + "mst.cod"] = _overseas(exchange)
    return {name: body.encode("cp949") for name, body in text.items()}


def zipped(name, body):
    """A zip file with the one file inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 11, 26, 6, 0, 0)), body)
    return out.getvalue()


def write(folder):
    """Writes NAME and NAME.zip for each master. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    for name, body in files().items():
        for path, data in ((name, body), (name + ".zip", zipped(name, body))):
            with open(os.path.join(folder, path), "wb") as file:
                file.write(data)
