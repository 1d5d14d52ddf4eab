import KIS
import Plumbing
import WebSocket

/// What carries one connection of the session: a socket, or a test's script. Times are monotonic.
protocol RealtimeLink: AnyObject {
  /// What to poll, for what, and until when; as `WebSocketConnection` says.
  var descriptor: Int32 { get }
  var pollEvents: Int16 { get }
  var deadline: Nanoseconds? { get }
  /// When the last bytes came; 0 before.
  var lastFrameAt: Nanoseconds { get }
  /// Whether bytes that came were left unread by the last `service`.
  var isBehind: Bool { get }
  /// Bytes that were read, and bytes that have come and are not.
  var received: Int { get }
  var waiting: Int { get }

  func begin(now: Nanoseconds)
  func service(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void)
  func send(text: [UInt8])
  func pong(_ payload: UnsafeBufferPointer<UInt8>)
  func close(now: Nanoseconds)
  func abort(_ message: String)
  func excuse(_ pause: Nanoseconds)
}

extension WebSocketConnection: RealtimeLink {
  func close(now: Nanoseconds) { close(code: 1000, now: now) }
}

/// What the session has to tell. Buffers and frames are valid only while the event is handled.
enum RealtimeEvent {
  /// An approval key is needed; `approve` takes it.
  case approvalWanted
  /// A message, before anybody has read it.
  case message(UnsafeBufferPointer<UInt8>)
  /// Records.
  case frame(Frame)
  /// A frame that cannot be read; whether its channel has become unreadable by it, or all have where it names none.
  case refusedFrame(UnsafeBufferPointer<UInt8>, FrameFault, isUnreadable: Bool)
  /// A channel that was unreadable is readable again.
  case readable(Channel)
  /// From here on silence means that nothing trades, not that nothing is registered. Beyond the limit the symbol is polled.
  case observed(Subject, isRegistered: Bool)
  /// The connection observed it until then, whether or not it traded.
  case attended(Subject, until: Milliseconds)
  /// It is not observed. `isHeld`: it was registered or asked for, not only about to be.
  case missed(Subject, GapReason, String, isHeld: Bool)
  /// The exchange refuses it.
  case refused(Subject, String)
  /// Something for the log.
  case note(FetchNote, String)
  /// The session cannot go on.
  case stop(ToolFailure)
}
