/// A request's head, as strictly as RFC 9112 allows, and only what is needed here. Pure.
public struct HTTPRequest: Equatable, Sendable {
  /// The largest head that is taken, bytes.
  public static let limit = 8 << 10

  /// GET or HEAD.
  public let isHead: Bool
  /// The path without its query.
  public let path: String
  /// `Accept-Language`, empty when it is not given.
  public let languages: String
  /// Whether another request may follow on the connection.
  public let keepsAlive: Bool
  /// Bytes of the head.
  public let length: Int

  /// What came of the bytes so far.
  public enum Outcome: Equatable, Sendable {
    /// The head is not whole yet.
    case incomplete
    /// A request.
    case request(HTTPRequest)
    /// To be refused with this status, and the connection closed.
    case refused(Int)
  }

  /// Reads a head.
  ///
  /// - Parameter allowsHost: whether a host name, without port and in lower case, is one of ours.
  public static func parse(_ bytes: [UInt8], allowsHost: (String) -> Bool) -> Outcome {
    // Garbage is not waited for: a method is letters.
    if let first = bytes.first, !(0x41...0x5A).contains(first) { return .refused(400) }
    guard let length = headLength(bytes) else {
      return bytes.count >= limit ? .refused(431) : .incomplete
    }
    guard length <= limit else { return .refused(431) }
    let head = bytes[..<(length - 4)]
    guard head.allSatisfy({ $0 == 0x0D || $0 == 0x0A || $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
      return .refused(400)
    }
    var lines = split(head)
    let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    guard first.count == 3, first.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 } }) else {
      return .refused(400)
    }
    guard first[2] == "HTTP/1.1" || first[2] == "HTTP/1.0" else {
      return .refused(first[2].hasPrefix("HTTP/") ? 505 : 400)
    }
    var fields: [String: String] = [:]
    for line in lines {
      guard let field = field(line), fields[field.name] == nil || field.name != "host" else {
        return .refused(400)
      }
      // Repeated fields are one list: of two lengths, the second must not hide the first.
      fields[field.name] = fields[field.name].map { $0 + "," + field.value } ?? field.value
    }
    guard first[0] == "GET" || first[0] == "HEAD" else { return .refused(405) }
    if fields["transfer-encoding"] != nil || (fields["content-length"].map { $0 != "0" } ?? false) {
      return .refused(413)
    }
    let isNew = first[2] == "HTTP/1.1"
    guard let host = fields["host"] ?? (isNew ? nil : "localhost") else { return .refused(400) }
    // A foreign page whose name resolves to this address must not read the answers.
    guard allowsHost(name(host)) else { return .refused(421) }
    guard first[1].hasPrefix("/") else { return .refused(400) }
    let path = first[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let connection = fields["connection"]?.lowercased() ?? ""
    let keeps = isNew ? !connection.contains("close") : connection.contains("keep-alive")
    return .request(
      HTTPRequest(
        isHead: first[0] == "HEAD", path: String(path), languages: fields["accept-language"] ?? "",
        keepsAlive: keeps, length: length))
  }

  private static func headLength(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for at in 3..<min(bytes.count, limit + 4)
    where bytes[at] == 0x0A && bytes[at - 1] == 0x0D && bytes[at - 2] == 0x0A && bytes[at - 3] == 0x0D {
      return at + 1
    }
    return nil
  }

  /// Lines end in CR LF; a bare CR or LF stays in its line and spoils it.
  private static func split(_ head: ArraySlice<UInt8>) -> [Substring] {
    String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
  }

  private static func field(_ line: Substring) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
    let name = line[..<colon]
    guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    guard line.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) else { return nil }
    var value = line[line.index(after: colon)...]
    while let last = value.first, last == " " || last == "\t" { value = value.dropFirst() }
    while let last = value.last, last == " " || last == "\t" { value = value.dropLast() }
    return (name.lowercased(), String(value))
  }

  /// `Host` without its port, in lower case.
  private static func name(_ host: String) -> String {
    let lower = host.lowercased()
    if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") { return String(lower[..<end].dropFirst()) }
    return String(lower.split(separator: ":", omittingEmptySubsequences: false).first ?? "")
  }
}

/// An answer, ready to be sent.
public struct HTTPAnswer: Sendable {
  /// The status.
  public let status: Int
  private let kind: String
  private let body: [UInt8]
  private let policy: String

  /// Makes an answer. `policy` is its content security policy; nothing may be loaded by default.
  public init(
    _ status: Int, _ kind: String, _ body: String,
    policy: String = "default-src 'none'; frame-ancestors 'none'"
  ) {
    self.status = status
    self.kind = kind
    self.body = Array(body.utf8)
    self.policy = policy
  }

  /// A refusal in one line.
  public static func refusal(_ status: Int) -> HTTPAnswer {
    HTTPAnswer(status, "text/plain; charset=utf-8", "\(status) \(reason(status))\n")
  }

  /// The bytes that go over the wire.
  public func bytes(isHead: Bool, keepsAlive: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\nServer: observer-health\r\n"
    head += "Content-Type: \(kind)\r\nContent-Length: \(body.count)\r\n"
    if status == 405 { head += "Allow: GET, HEAD\r\n" }
    head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
    head += "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"
    head += "Content-Security-Policy: \(policy)\r\nConnection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
    return Array(head.utf8) + (isHead ? [] : body)
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 421: "Misdirected Request"
    case 431: "Request Header Fields Too Large"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
