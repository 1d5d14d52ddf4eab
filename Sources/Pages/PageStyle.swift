/// The looks that the page of a day, the calendar and the live page share: paper and ink in light and dark, one
/// colour for each meaning. Price colours are those of Korean screens: red up, blue down.
public enum PageStyle {
  /// Colours and the parts of a `DayPicture`.
  public static let base = """
    :root{color-scheme:light dark;--bg:#fbfbf9;--fg:#1b1d1f;--dim:#5f656b;--line:#e3e4e0;--card:#fff;--rec:#2f6fb2;--auc:#c9b458;--gap:#c0392b;--loss:#c8701a;--lossy:#93500c;--ok:#1d7a46;--up:#c0392b;--dn:#2f6fb2}
    @media screen and (prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e6e7e4;--dim:#9aa0a6;--line:#2c3035;--card:#1c1f23;--rec:#6ea8e0;--auc:#b9a44c;--gap:#e0685c;--loss:#e8a45c;--lossy:#e8a45c;--ok:#5fbf8a;--up:#ff8a80;--dn:#6ea8e0}}
    @media print{:root{color-scheme:light;--bg:#fff;--card:#fff}svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    .mark th{position:relative}.mark th::before{content:"";position:absolute;left:-9px;top:7px;bottom:7px;width:4px;border-radius:2px;background:var(--loss)}
    :lang(ko){word-break:keep-all}.legend{display:flex;gap:2px 16px;flex-wrap:wrap;color:var(--dim);font-size:12px;margin:6px 0}.legend svg{display:inline-block;margin-right:6px}
    svg.day{width:100%;height:54px;display:block}svg.day polyline{fill:none;stroke:var(--fg);stroke-width:1.2;vector-effect:non-scaling-stroke;opacity:.8}
    svg.day .hour line{stroke:var(--line);vector-effect:non-scaling-stroke}svg.day .present{stroke:var(--dim);vector-effect:non-scaling-stroke}svg.hours{display:block;overflow:visible}svg.hours text{fill:var(--dim);font-size:11px;text-anchor:middle}svg.day .vol{fill:var(--dim);opacity:.3}
    .c{fill:var(--line)}.a{fill:var(--auc)}.g{fill:var(--gap)}.l{fill:var(--loss)}.r0{fill:var(--rec);opacity:.35}.r1{fill:var(--rec);opacity:.55}.r2{fill:var(--rec);opacity:.75}.r3{fill:var(--rec)}
    """

  /// The hours above the pictures, `08 10 … 20`, for the eyes only: a picture's label says its times.
  public static func hours(_ axis: DayAxis) -> String {
    "<svg class=\"hours\" width=\"100%\" height=\"14\" aria-hidden=\"true\">"
      + axis.hours.map { hour in
        let thousandths = hour.column * 100_000 / axis.columns
        return
          "<text x=\"\(thousandths / 1000).\(String(thousandths % 1000 + 1000).dropFirst())%\" y=\"11\">\(hour.label)</text>"
      }.joined() + "</svg>"
  }
}
