import JSONBytes
import Plumbing

/// Names of symbols, as the lines of a watchlist give them.
enum SymbolNames {
  /// Reads `{"symbol":"005930","name":"삼성전자"}` of each line; other lines name nothing.
  ///
  /// - Throws: 74 when the file cannot be read.
  static func read(_ path: String) throws(ToolFailure) -> [String: String] {
    guard let text = SmallFile.text(path, limit: limit) else {
      throw ToolFailure(.ioError, "cannot read \(path), a regular file of at most 16 MiB: see --names")
    }
    var names: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where line.contains("{") {
      guard let value = try? JSONValue.parse(Array(line.utf8)), let symbol = value["symbol"]?.string,
        let name = value["name"]?.string
      else { continue }
      names[symbol] = String(name.prefix(64))
    }
    return names
  }

  /// All shares of the exchange are 4,000 lines.
  private static let limit = 16 << 20
}
