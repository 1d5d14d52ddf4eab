import Plumbing

/// What happens on a connection. Buffers are valid only while the event is handled.
public enum WebSocketEvent {
  /// The server accepted the connection: messages may be sent.
  case opened
  /// A whole text message.
  case text(UnsafeBufferPointer<UInt8>)
  /// A whole binary message.
  case binary(UnsafeBufferPointer<UInt8>)
  /// A ping of the protocol; the pong is already on its way.
  case ping(UnsafeBufferPointer<UInt8>)
  /// A pong.
  case pong(UnsafeBufferPointer<UInt8>)
  /// The end; always the last event, and there is exactly one.
  case closed(WebSocketEnd)
}

/// How a connection ended.
public struct WebSocketEnd: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of end it was.
  public enum Reason: Equatable, Sendable {
    /// We asked for it and the server agreed.
    case clean
    /// The server asked for it.
    case peerClosed
    /// The host has no address, or none took the connection.
    case connectFailed
    /// The proxy opened no tunnel.
    case proxyRefused
    /// The server answered, but not as a WebSocket.
    case refusedUpgrade
    /// The server broke the protocol or a limit.
    case protocolFault
    /// The connection broke, with or without an error, but without a close frame.
    case ioError
    /// A deadline passed.
    case timeout
    /// We dropped it.
    case aborted
  }

  /// What kind of end it was.
  public let reason: Reason
  /// The code of the close frame, if there was one (RFC 6455, 7.4).
  public let code: UInt16?
  /// One line for the log.
  public let message: String

  /// The message.
  public var description: String { message }
}

/// Limits of a connection. A peer decides about sizes and times only within them.
public struct WebSocketOptions: Sendable {
  /// Largest message, bytes. KIS sends a few KiB; clients with 8 KiB were dropped, so leave room.
  public var maxMessage = 1 << 20
  /// For finding the address, connecting and the upgrade, together.
  public var connectTimeout: Nanoseconds = .seconds(15)
  /// For the server's answer to our close frame.
  public var closeTimeout: Nanoseconds = .seconds(3)
  /// Whether a text that is not UTF-8 ends the connection, as RFC 6455 demands. An exchange that sends one
  /// broken name would do so again after each reconnect, and blocks clients that reconnect in a loop; whoever
  /// repairs text later can let it pass.
  public var requiresUTF8 = true

  /// The defaults.
  public init() {}
}

/// How a peer broke the protocol.
struct WebSocketFault: Error, Equatable, Sendable {
  /// The code to close with.
  let code: UInt16
  /// What is wrong, in a few words.
  let what: String
}
