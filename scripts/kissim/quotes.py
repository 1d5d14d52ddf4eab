"""Bodies of the quotation calls, every value a string, names and order as KIS documents them."""

import datetime

from . import symbols

# Days on which KRX is closed besides weekends (2026 and New Year 2027).
CLOSED = frozenset(
    "20260101 20260216 20260217 20260218 20260302 20260501 20260505 20260525 20260603 20260817 "
    "20260924 20260925 20261005 20261009 20261225 20261231 20270101".split()
)

MULTI_FIELDS = (
    "kospi_kosdaq_cls_name mrkt_trtm_cls_name hour_cls_code inter_shrn_iscd inter_kor_isnm "
    "inter2_prpr inter2_prdy_vrss prdy_vrss_sign prdy_ctrt acml_vol inter2_oprc inter2_hgpr "
    "inter2_lwpr inter2_llam inter2_mxpr inter2_askp inter2_bidp seln_rsqn shnu_rsqn "
    "total_askp_rsqn total_bidp_rsqn acml_tr_pbmn inter2_prdy_clpr oprc_vrss_hgpr_rate "
    "intr_antc_cntg_vrss intr_antc_cntg_vrss_sign intr_antc_cntg_prdy_ctrt intr_antc_vol inter2_sdpr"
).split()
_TEXT_FIELDS = ("kospi_kosdaq_cls_name", "mrkt_trtm_cls_name", "hour_cls_code", "inter_kor_isnm")


def _percent(part, whole):
    return "%.2f" % (part * 100 / whole) if whole else "0.00"


def inquire_price(stock, today):
    """`output` of inquire-price: every documented field; no name, no best ask or bid, no trade time."""
    s = stock
    pivot = (s.high + s.low + s.price) // 3
    year_high, year_low = max(s.high, s.close * 14 // 10), min(s.low, s.close * 7 // 10)
    month = today[:4]
    high_day, low_day = month + "0102", str(int(month) - 1) + "1013"
    fcam = 100 if s.close > 100000 else 5000
    capital = s.listed * fcam
    eps, bps = s.close // 20 + 1, s.close * 3 // 5 + 1
    high_rate, low_rate = _percent(s.price - year_high, year_high), _percent(s.price - year_low, year_low)
    values = {
        "iscd_stat_cls_code": "58" if s.halted else "55", "marg_rate": "20.00",
        "rprs_mrkt_kor_name": "KOSPI200" if s.market == "KOSPI" else "KOSDAQ",
        "new_hgpr_lwpr_cls_code": "", "bstp_kor_isnm": "전기.전자",
        "temp_stop_yn": "Y" if s.halted else "N", "oprc_rang_cont_yn": "N", "clpr_rang_cont_yn": "N",
        "crdt_able_yn": "Y", "grmn_rate_cls_code": "40", "elw_pblc_yn": "Y", "stck_prpr": s.price,
        "prdy_vrss": s.price - s.close, "prdy_vrss_sign": s.sign(s.price),
        "prdy_ctrt": _percent(s.price - s.close, s.close), "acml_tr_pbmn": s.value, "acml_vol": s.volume,
        "prdy_vrss_vol_rate": _percent(s.volume, s.previous_volume), "stck_oprc": s.open,
        "stck_hgpr": s.high, "stck_lwpr": s.low, "stck_mxpr": s.upper, "stck_llam": s.lower,
        "stck_sdpr": s.close, "wghn_avrg_stck_prc": "%.2f" % (s.value / max(1, s.volume)),
        "hts_frgn_ehrt": "49.48", "frgn_ntby_qty": "0", "pgtr_ntby_qty": s.bought - s.sold,
        "pvt_scnd_dmrs_prc": pivot + s.high - s.low, "pvt_frst_dmrs_prc": 2 * pivot - s.low,
        "pvt_pont_val": pivot, "pvt_frst_dmsp_prc": 2 * pivot - s.high,
        "pvt_scnd_dmsp_prc": pivot - s.high + s.low, "dmrs_val": (s.high + s.price) // 2,
        "dmsp_val": (s.low + s.price) // 2, "cpfn": capital // 100000000, "rstc_wdth_prc": s.upper - s.close,
        "stck_fcam": fcam, "stck_sspr": s.close * 76 // 100, "aspr_unit": symbols.step(s.price),
        "hts_deal_qty_unit_val": "1", "lstn_stcn": s.listed, "hts_avls": s.price * s.listed // 100000000,
        "per": "%.2f" % (s.price / eps), "pbr": "%.2f" % (s.price / bps), "stac_month": "12",
        "vol_tnrt": _percent(s.volume, s.listed), "eps": "%d.00" % eps, "bps": "%d.00" % bps,
        "d250_hgpr": year_high, "d250_hgpr_date": high_day, "d250_hgpr_vrss_prpr_rate": high_rate,
        "d250_lwpr": year_low, "d250_lwpr_date": low_day, "d250_lwpr_vrss_prpr_rate": low_rate,
        "stck_dryy_hgpr": year_high, "dryy_hgpr_vrss_prpr_rate": high_rate, "dryy_hgpr_date": high_day,
        "stck_dryy_lwpr": year_low, "dryy_lwpr_vrss_prpr_rate": low_rate, "dryy_lwpr_date": low_day,
        "w52_hgpr": year_high, "w52_hgpr_vrss_prpr_ctrt": high_rate, "w52_hgpr_date": high_day,
        "w52_lwpr": year_low, "w52_lwpr_vrss_prpr_ctrt": low_rate, "w52_lwpr_date": low_day,
        "whol_loan_rmnd_rate": "0.22", "ssts_yn": "Y", "stck_shrn_iscd": s.code,
        "fcam_cnnm": "{:,}".format(fcam), "cpfn_cnnm": "{:,} 억".format(capital // 100000000),
        "apprch_rate": "", "frgn_hldn_qty": s.listed * 49 // 100,
        "vi_cls_code": "Y" if s.phase.name == "vi" else "N",
        "ovtm_vi_cls_code": "N", "last_ssts_cntg_qty": s.volume // 60, "invt_caful_yn": "N",
        "mrkt_warn_cls_code": "00", "short_over_yn": "N", "sltr_yn": "N", "mang_issu_cls_code": "N",
    }
    return {name: str(value) for name, value in values.items()}


def no_price(template, code):
    """inquire-price of a code without data: zeros and empty strings under rt_cd 0."""
    empty = {n: "0" if v.replace(".", "").lstrip("-").isdigit() else "" for n, v in template.items()}
    empty["stck_shrn_iscd"] = code
    return empty


def multi_row(stock):
    """One row of intstock-multprice."""
    s = stock
    change = s.price - s.close
    values = (
        s.market, "", "0", s.code, s.name, s.price, change, s.sign(s.price), _percent(change, s.close),
        s.volume, s.open, s.high, s.low, s.lower, s.upper, s.ask, s.bid, s.ask_sizes[0], s.bid_sizes[0],
        sum(s.ask_sizes), sum(s.bid_sizes), s.value, s.close, _percent(s.high - s.open, s.open),
        *_expected(s), s.close,
    )
    return dict(zip(MULTI_FIELDS, map(str, values)))


def _expected(s):
    """intr_antc_*: what an auction would lead to, or a loss of 100 percent outside one."""
    if not s.phase.auction:
        return -s.close, "5", "-100.00", 0
    return s.bid - s.close, s.sign(s.bid), _percent(s.bid - s.close, s.close), s.expected


def multi_empty(code):
    """The row of an unknown or halted code: "0" and "", still with rt_cd 0."""
    row = {name: "" if name in _TEXT_FIELDS else "0" for name in MULTI_FIELDS}
    row["inter_shrn_iscd"] = code
    return row


def holidays(first, closed):
    """24 rows of chk-holiday from `first` (a date) on; weekday 01 is Sunday."""
    rows = []
    for offset in range(24):
        day = first + datetime.timedelta(days=offset)
        text = day.strftime("%Y%m%d")
        weekend = day.weekday() >= 5
        shut = weekend or text in CLOSED or text in closed
        banks = "N" if weekend or (text in CLOSED and text[4:] != "1231") else "Y"
        is_open = "N" if shut else "Y"
        rows.append({"bass_dt": text, "wday_dvsn_cd": "%02d" % ((day.weekday() + 1) % 7 + 1),
                     "bzdy_yn": banks, "tr_day_yn": is_open, "opnd_yn": is_open,
                     "sttl_day_yn": banks})
    return rows
