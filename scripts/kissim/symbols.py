"""Which symbols exist, what they are called and what they cost; KRX price steps."""

import re
import zlib

# code: (Korean name, previous close in won, listed shares, market)
KNOWN = {
    "005930": ("삼성전자", 274000, 5919637922, "KOSPI"),
    "000660": ("SK하이닉스", 1212000, 728002365, "KOSPI"),
    "373220": ("LG에너지솔루션", 412500, 234000000, "KOSPI"),
    "207940": ("삼성바이오로직스", 1034000, 71174000, "KOSPI"),
    "005380": ("현대차", 268500, 204757766, "KOSPI"),
    "000270": ("기아", 112300, 390382207, "KOSPI"),
    "068270": ("셀트리온", 178900, 216988045, "KOSPI"),
    "035420": ("NAVER", 246500, 156860000, "KOSPI"),
    "035720": ("카카오", 59800, 442083000, "KOSPI"),
    "005490": ("POSCO홀딩스", 302500, 80933952, "KOSPI"),
    "051910": ("LG화학", 338500, 70592343, "KOSPI"),
    "006400": ("삼성SDI", 252500, 80584530, "KOSPI"),
    "012450": ("한화에어로스페이스", 918000, 51563401, "KOSPI"),
    "105560": ("KB금융", 118700, 381462103, "KOSPI"),
    "055550": ("신한지주", 71300, 485494934, "KOSPI"),
    "086790": ("하나금융지주", 89200, 278365000, "KOSPI"),
    "015760": ("한국전력", 38650, 641964077, "KOSPI"),
    "034020": ("두산에너빌리티", 64700, 640561146, "KOSPI"),
    "259960": ("크래프톤", 287500, 47904000, "KOSPI"),
    "042660": ("한화오션", 109400, 306413394, "KOSPI"),
    "247540": ("에코프로비엠", 131200, 97801344, "KOSDAQ"),
    "196170": ("알테오젠", 456500, 53465968, "KOSDAQ"),
    "069500": ("KODEX 200", 48215, 152650000, "KOSPI"),
    "114800": ("KODEX 인버스", 3105, 288900000, "KOSPI"),
    "Q500001": ("신한 인버스 금 선물 ETN", 8935, 2000000, "KOSPI"),
}

# ETF and ETN are traded from 09:00 to 15:30 on KRX, and nowhere else.
FUNDS = frozenset(("069500", "114800"))

_CODE = re.compile(r"(?:[0-9A-Z]{6}|Q[0-9A-Z]{6})\Z")


def well_formed(code):
    """A six-character code, or `Q` and six characters for an ETN."""
    return _CODE.match(code) is not None


def is_fund(code):
    """True for an ETF or ETN."""
    return code in FUNDS or code.startswith("Q")


def step(price):
    """The KRX price step for a stock at `price` won."""
    if price < 2000:
        return 1
    if price < 5000:
        return 5
    if price < 20000:
        return 10
    if price < 50000:
        return 50
    if price < 200000:
        return 100
    if price < 500000:
        return 500
    return 1000


def on_grid(price):
    """`price` rounded down to the grid, at least 1."""
    price = max(1, int(price))
    return max(1, price - price % step(price))


def facts(code):
    """(name, previous close, listed shares, market); the same answer for a code every time."""
    if code in KNOWN:
        name, close, listed, market = KNOWN[code]
        return name, on_grid(close), listed, market
    mark = zlib.crc32(code.encode("ascii"))
    magnitude = (900, 3000, 9000, 30000, 90000, 300000)[mark % 6]
    close = on_grid(magnitude * (100 + (mark >> 8) % 150) // 100)
    return "모의종목" + code, close, 1000000 * (5 + (mark >> 16) % 400), ("KOSPI", "KOSDAQ")[mark >> 31]
