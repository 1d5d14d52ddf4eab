import Contract
import JSONBytes
import Testing

/// One place says what an error is called and what it is counted as.
@Test(arguments: [
  (ContractError.tooLong, "line too long", RejectReason.tooLong),
  (.unreadable(.notAnObject), "not a JSON object", .notObject),
  (.unreadable(.invalidUTF8(at: 7)), "invalid UTF-8 at byte 7", .invalidJSON),
  (.unreadable(.tooDeep(limit: 512)), "nested deeper than 512", .invalidJSON),
  (.unreadable(.syntax("unexpected end", at: 3)), "invalid JSON: unexpected end at byte 3", .invalidJSON),
  (.missing("snapshot"), "snapshot missing", .missing),
  (.empty("snapshot.meta.run_id"), "snapshot.meta.run_id missing/empty", .missing),
  (.wrongType("snapshot", expected: "dict"), "snapshot must be dict", .wrongType),
  (.duplicated("snapshot.meta"), "snapshot.meta duplicated", .duplicated),
  (.nonFinite(in: "inputs", count: 2), "non-finite numbers detected in inputs: 2", .nonFinite),
  (.nonFinite(in: nil, count: 1), "non-finite numbers detected: 1", .nonFinite),
])
func anErrorHasATextAndAReason(error: ContractError, text: String, reason: RejectReason) {
  #expect(error.text == text && error.reason == reason)
}
