extension ByteBuffer {
  /// Appends bytes of which nothing is known as a member behind others, without loss: `,"NAME_text":"…"` where they are
  /// UTF-8, else `,"NAME_base64":"…"`.
  public mutating func append(unknown bytes: UnsafeBufferPointer<UInt8>, as name: StaticString) {
    let isText = UTF8Check.firstInvalid(in: bytes) == nil
    append(",\"")
    append(name)
    append(isText ? "_text\":" : "_base64\":\"")
    if isText {
      append(jsonString: bytes)
    } else {
      append(base64: bytes)
      append(0x22)
    }
  }
}
