import Pages

/// How the page of a day and the calendar look. Nothing moves.
extension DayPage {
  static let style = """
    *{box-sizing:border-box}body{margin:0 auto;max-width:1200px;padding:24px 20px;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,"Noto Sans KR","Noto Sans CJK KR","Malgun Gothic",sans-serif}
    h1{font-size:22px;line-height:1.3;margin:0;display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}h2{font-size:14px;margin:28px 0 8px}
    .cond{font-size:13px;font-weight:600;padding:1px 10px;border-radius:99px;border:2px solid var(--dim)}
    .cond.available{border-color:var(--ok)}.cond.degraded{border-color:var(--loss)}.cond.missing{border-color:var(--gap)}
    p.sum{margin:8px 0 10px;color:var(--dim);max-width:80ch}p.sum b{color:var(--fg)}ul.why{margin:0 0 14px;padding-left:18px;max-width:80ch}
    .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.dim,footer{color:var(--dim);font-size:12px}footer{margin-top:28px}
    table{width:100%;border-collapse:collapse}td,th{border-top:1px solid var(--line);padding:8px 10px 6px 0;text-align:left;vertical-align:middle;font-weight:400}thead th{border:0;color:var(--dim);font-size:12px;padding-bottom:4px;vertical-align:bottom;position:sticky;top:0;background:var(--bg)}
    th span,td.n span{display:block;color:var(--dim);font-size:12px}tbody th{overflow-wrap:anywhere;min-width:7em}.n{text-align:right!important;white-space:nowrap;font-variant-numeric:tabular-nums}
    .days .m{color:var(--dim);padding-left:14px;padding-right:0;min-width:9em}.bad .m,.warn .m{color:var(--fg)}.bad .m{font-weight:600}.ok td:nth-child(4) b{font-weight:400}td.s{width:50%;padding-left:6px}
    td.n .up{color:var(--up)}td.n .dn{color:var(--dn)}
    .two{display:grid;grid-template-columns:2fr 1fr;gap:0 32px}ol{list-style:none;padding:0;margin:0}li{margin:3px 0;overflow-wrap:anywhere}ol b{font-variant-numeric:tabular-nums;font-weight:600}.two p{margin:4px 0}
    svg.cap{width:100%;max-width:300px;display:block}svg.cap rect{fill:var(--rec)}svg.cap line{stroke:var(--line)}svg.cap text{fill:var(--dim);font-size:8px}
    details{margin-top:24px}summary{cursor:pointer;font-weight:600;width:fit-content;padding:4px 0}:focus-visible{outline:3px solid var(--rec);outline-offset:2px}.feeds{margin-top:6px}.feeds td,.feeds th{padding:3px 10px 3px 0}.feeds tbody th{min-width:0}details p{margin:8px 0;overflow-wrap:anywhere}
    @media(max-width:700px){body{padding:14px 12px}.days thead th:not(.h){display:none}.days thead .h{grid-column:1/-1;top:0}.days thead tr{border:0;padding:0;position:sticky;top:0}.days tr{display:grid;grid-template-columns:1fr auto auto;border-top:1px solid var(--line);padding:8px 0}.days td,.days th{border:0;padding:0 0 2px 12px}.days th{padding-left:0}.days td.s{grid-column:1/-1;order:9;width:auto;padding:2px 0 0}.days td.m{grid-column:1/-1;order:8;padding:0}.days .ok td.m{display:none}.two{grid-template-columns:1fr}.feeds{display:block;overflow-x:auto}}
    @media print{body{max-width:none;padding:0;font-size:11px}th span,td.n span,.legend,.dim{font-size:9.5px}th span{white-space:nowrap}tbody th{min-width:9.5em}thead th{position:static}tr,li,section{break-inside:avoid}svg.day{height:40px}::details-content{content-visibility:visible}}
    """
}
