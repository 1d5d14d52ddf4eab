import Plumbing

/// Of the exchange's symbol masters.
extension ScriptManual {
  /// `observer symbols`.
  static let symbols = Manual(
    "observer-symbols", "prints watchlist lines from the exchange's symbol masters",
    usage: ["--market NAME[,NAME]... [--from FILE]... [OPTION]..."],
    about: """
      Prints a watchlist line for each symbol of the public master files, which need no key:
      {"symbol":"005930","product":"stock","name":"...","market":"KRX"}
      Markets: kospi kosdaq konex; index; index-derivatives stock-derivatives (futures, options); nas nys ams \
      hks tse shs szs hnx hsx (overseas).
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          OptionSpec(
            "market",
            .list([
              "kospi", "kosdaq", "konex", "index", "index-derivatives", "stock-derivatives", "nas", "nys",
              "ams",
              "hks", "tse", "shs", "szs", "hnx", "hsx",
            ]), word: "NAME", isRepeatable: true, "markets, separated by commas"),
          OptionSpec(
            "from", .file, word: "FILE", isRepeatable: true, "a master at hand, or - for standard input",
            detail:
              "Zip or plain, CP949 or UTF-8. Its name says which it is (kospi_code.mst, NASMST.COD.zip), or"
              + " else one --market does."),
          OptionSpec(
            "group", .list(["ST", "EF", "EN", "EW", "RT"]), word: "CODE", isRepeatable: true,
            "only these groups: ST share, EF ETF, EN ETN, EW ELW",
            detail:
              "RT is a REIT; of overseas ones 2 is a share, 3 an ETF, 4 a warrant; of derivatives and indices"
              + " it is the first column of the file. Codes are separated by commas."),
          OptionSpec("match", .text, word: "REGEX", "only symbols or names that match (grep -E)"),
          OptionSpec(
            "feeds", .list(["trades", "book", "expected", "status", "members", "program", "nav"]),
            word: "NAME", isRepeatable: true,
            "puts \"feeds\":[\"NAME\"] into each line",
            detail:
              "Those that kis-fetch --list-feeds has for the product of each line; others are 64, for kis-fetch would"
              + " ignore the line."),
          OptionSpec(
            "changes", .file, word: "OLD", "what changed since OLD, earlier output",
            detail:
              "For the same markets: lines with \"change\":\"listed\", \"delisted\" (with \"op\":\"remove\")"
              + " or \"renamed\" (with \"was\")."),
          OptionSpec(
            "url", .text, word: "SERVER", variable: "KIS_MASTER_URL", "another server",
            detail: "https, or http on this machine; asked for /common/master/NAME.zip."),
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "Each symbol comes once. Left out, for no channel serves them: funds with long codes, spreads, overseas"
            + " indices. The calendar takes from product etf, etn and elw that KRX does not trade them after 16:00.",
          "All or nothing: where one file cannot be fetched or does not fit, no line is printed.",
        ])
    ],
    statuses: [
      (.done, "done"), (.unhealthy, "nothing matches"), (.usage, "usage"),
      (.badData, "a file has a line that does not fit (FILE:LINE says why)"),
      (.unavailable, "a file cannot be fetched"), (.ioError, "reading or writing failed"),
      (.configuration, "curl, funzip or iconv is not installed"),
    ],
    example: (
      "",
      "observer symbols --market kospi,kosdaq --group ST >new.jsonl &&\n  mv new.jsonl config/watchlist.jsonl"
    ), invocation: "observer symbols")
}
