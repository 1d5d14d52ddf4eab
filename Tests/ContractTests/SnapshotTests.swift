import JSONBytes
import Contract
import Testing

/// Reads a line and hands the view over.
private func withView<Result>(
  _ line: String, unwrap: Bool = false, _ body: (borrowing SnapshotView) throws -> Result
) throws -> Result {
  let padded = Array(line.utf8) + [0x0A] + Array(repeating: 0xFF, count: JSONScanner.padding)
  return try padded.withUnsafeBufferPointer { buffer in
    var view = SnapshotView(unwrap: unwrap)
    let start = try #require(buffer.baseAddress)
    let isRead = view.read(start, count: line.utf8.count)
    #expect(isRead)
    return try body(view)
  }
}

/// The pure functions, without a process around them.
struct SnapshotFunctionsTests {
  static let good =
    #"{"meta":{"timestamp":"t","timestamp_ms":1,"session_id":"s","run_id":"r","mode":"m","observer_version":"v"},"#
    + #""context":{"source":"market","stage":"raw"},"observation":{"inputs":{},"computed":{},"state":{}}}"#

  @Test func reportIsReused() throws {
    var report = ValidationReport()
    let wanted: [(String, Int)] = [("{}", 3), (Self.good, 0), (#"{"meta":{}}"#, 8), (Self.good, 0)]
    for (line, count) in wanted {
      try withView(line) { Validator.check($0, &report) }
      let (errors, isClean) = (report.errorCount, report.isClean)
      #expect(errors == count && isClean == (count == 0))
    }
    var out = ByteBuffer()
    report.appendVerdict(to: &out)
    #expect(out.text == #"{"severity":"BLOCK","errors":[],"details":{}}"#)
  }

  /// One view reads many lines; a bad one leaves nothing behind.
  @Test func viewIsReused() {
    var view = SnapshotView(unwrap: false)
    let lines = [Self.good, #"{"meta":NaN,"#, "[]", "{}", Self.good]
    var report = ValidationReport()
    var counts: [Int] = []
    for line in lines {
      let padded = Array(line.utf8) + [0x0A] + Array(repeating: 0, count: JSONScanner.padding)
      padded.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress, view.read(start, count: line.utf8.count) else {
          return counts.append(-1)
        }
        Validator.check(view, &report)
        counts.append(report.errorCount)
      }
    }
    #expect(counts == [0, -1, -1, 3, 0])
  }

  /// Splicing takes a verdict out wherever it stands, and every other byte stays.
  @Test(arguments: [
    (#"{"validation":1}"#, "{", false), (#"{"validation":1,"a":2}"#, #"{"a":2"#, true),
    (#"{"a":2,"validation":1}"#, #"{"a":2"#, true),
    (
      #"{"a":[{"validation":1}],"validation":{"x":"}\"{"},"b":","}"#, #"{"a":[{"validation":1}],"b":",""#,
      true
    ),
    (#"{"validation":1,"validation":2,"validation":3}"#, "{", false),
    (#"{ "validation" : 1 , "a" : 2 }"#, #"{  "a" : 2 "#, true),
    (#"{"a":1,"\u0076alidation":true,"b":-1.5e3,"validation":"x"}"#, #"{"a":1,"b":-1.5e3"#, true),
    (#"{"guard":1}"#, #"{"guard":1"#, true), ("{}", "{", false),
    ("{ }", "{ ", false), (#"{"":{},"validation":[]}"#, #"{"":{}"#, true),
  ])
  func splice(line: String, wanted: String, needsComma: Bool) throws {
    var out = ByteBuffer()
    let comma = try withView(line) { SnapshotSplice.appendOpen($0, without: Field.validation, to: &out) }
    #expect(out.text == wanted && comma == needsComma)
  }

  @Test func decisions() throws {
    let policy = GuardPolicy(requiresValidation: true)
    let line = #"{"context":{"stage":"raw"},"validation":{"severity":"INFO"}}"#
    #expect(try withView(line) { policy.decide($0).reason } == "OK")
    #expect(try withView(#"{"context":{"stage":"raw"}}"#) { policy.decide($0).reason } == "Not validated")
  }

  @Test func rejectRecordKeepsItsNumbers() {
    var out = ByteBuffer()
    Array("x\"".utf8).withUnsafeBufferPointer { line in
      RejectRecord.append(stage: "s", number: 7, line: line, isJSON: false, fullLength: 9, to: &out) {
        RejectRecord.appendVerdict(error: "e\"", to: &$0)
      }
    }
    #expect(
      out.text == #"{"stage":"s","line":7,"verdict":{"severity":"BLOCK","errors":["e\""],"details":{}},"#
        + #""truncated":true,"input_bytes":9,"input_text":"x\""}"# + "\n")
  }
}
