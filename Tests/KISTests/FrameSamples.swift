import KIS

/// Real frames of the exchange, verbatim.
enum FrameSamples {
  /// Three bundled trades of 46 fields, 2025-07-30.
  static let bundle =
    "0|H0STCNT0|003|005930^094751^71950^2^1350^1.91^71690.50^71000^72300^70600^72000^71900^1^8305216^"
    + "595403999350^21115^28170^7055^136.06^3060313^4163762^5^0.51^29.46^090014^2^950^090708^5^-350^090030^"
    + "2^1350^20250730^20^N^93994^113056^1668973^822214^0.14^10584139^78.47^0^^71000^005930^094751^71900^2^"
    + "1300^1.84^71690.50^71000^72300^70600^72000^71900^2^8305218^595404143150^21116^28170^7054^136.06^"
    + "3060315^4163762^5^0.51^29.46^090014^2^900^090708^5^-400^090030^2^1300^20250730^20^N^93985^112986^"
    + "1668973^822144^0.14^10584139^78.47^0^^71000^005930^094751^72000^2^1400^1.98^71690.50^71000^72300^"
    + "70600^72000^71900^75^8305293^595409543150^21116^28171^7055^136.06^3060315^4163837^1^0.51^29.46^"
    + "090014^2^1000^090708^5^-300^090030^2^1400^20250730^20^N^93985^112986^1668973^822144^0.14^10584139^"
    + "78.47^0^^71000"

  /// The fields of a trade of 47 fields between two ticks, 2026-09-22.
  static let midpointFields =
    "005930^140610^277750^2^3750^1.37^280395.69^283000^283500^276500^278000^277500^5^11955000^"
    + "3352130122500^83251^86830^3579^120.39^5217059^6280658^5^0.53^53.70^090023^5^-5250^090048^5^-5750^"
    + "135824^2^1250^20260922^20^N^47588^70626^794823^496479^0.20^17123443^69.82^0^^283000^2"

  /// That trade as a frame.
  static let midpoint = "0|H0STCNT0|001|" + midpointFields

  /// A book of 63 fields, 2026-09-22.
  static let book63 =
    "0|H0STASP0|001|005930^140610^0^278000^278500^279000^279500^280000^280500^281000^281500^282000^"
    + "282500^277500^277000^276500^276000^275500^275000^274500^274000^273500^273000^47584^39910^40703^41379^"
    + "71975^49537^74523^100544^208210^120466^70626^35559^56541^75952^45226^66236^37696^56909^26021^25718^"
    + "794831^496484^0^0^0^0^457236^-274000^5^-100.00^11955000^13^5^0^0^0^277750^4831^2^2"

  /// A book of 59 fields, 2024.
  static let book59 =
    "0|H0STASP0|001|005930^113019^0^77900^78000^78100^78200^78300^78400^78500^78600^78700^78800^77800^"
    + "77700^77600^77500^77400^77300^77200^77100^77000^76900^265881^424306^210852^183696^185249^115895^"
    + "175905^61693^73772^63546^14941^219089^328178^246894^220916^131997^140399^127233^211404^214927^"
    + "1760795^1855978^0^0^0^0^344212^-77200^5^-100.00^10358640^0^10^0^0^0"

  /// The fields of a falling trade, from the portal's own sample, 2023-06-12.
  static let fallingFields =
    "005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700^"
    + "5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20230612^"
    + "20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^72100"

  /// That trade as a frame.
  static let falling = "0|H0STCNT0|001|" + fallingFields

  /// A frame of `count` equal trades of `stride` fields; fields after the known ones are digits
  static func trades(_ channel: String = "H0STCNT0", count: Int, stride: Int) -> String {
    frame(channel, fallingFields.split(separator: "^", omittingEmptySubsequences: false), count, stride)
  }

  /// A frame of `count` equal books of `stride` fields.
  static func books(_ channel: String = "H0STASP0", count: Int = 1, stride: Int) -> String {
    let fields = book59.split(separator: "|")[3].split(separator: "^", omittingEmptySubsequences: false)
    return frame(channel, fields, count, stride)
  }

  private static func frame(
    _ channel: String, _ fields: [Substring], _ count: Int, _ stride: Int
  ) -> String {
    let extra = (0..<max(stride - fields.count, 0)).map { Substring("\($0 % 10)") }
    let record = (fields.prefix(stride) + extra).joined(separator: "^")
    let number = String(repeating: "0", count: max(0, 3 - "\(count)".count)) + "\(count)"
    return "0|\(channel)|\(number)|" + Array(repeating: record, count: count).joined(separator: "^")
  }
}

extension Channel {
  /// The channel of shares that carries this.
  init(_ feed: Feed, _ venue: Venue) {
    guard let channel = Channel(of: Instrument("005930", venue), feed) else {
      preconditionFailure("no channel has \(feed) of shares at \(venue)")
    }
    self = channel
  }
}

/// What a parser made of a frame, copied out of it.
enum ParsedFrame: Equatable {
  case records(String, count: Int, stride: Int, symbols: [String])
  case encrypted
  case fault(FrameFault)

  static func parse(_ text: String, with parser: inout FrameParser) -> ParsedFrame {
    parse(Array(text.utf8), with: &parser)
  }

  static func parse(_ bytes: [UInt8], with parser: inout FrameParser) -> ParsedFrame {
    bytes.withUnsafeBufferPointer { bytes in
      switch parser.parse(bytes) {
      case .encrypted: .encrypted
      case .fault(let fault): .fault(fault)
      case .records(let frame):
        .records(
          frame.channel.transactionID, count: frame.count, stride: frame.stride,
          symbols: (0..<frame.count).map { frame[$0].symbol })
      }
    }
  }

  static func parse(_ text: String) -> ParsedFrame {
    var parser = FrameParser()
    return parse(text, with: &parser)
  }
}
