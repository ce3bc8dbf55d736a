import NIOHTTP1

/// What a request's header says about how to read it.
struct RequestOutline {
  /// Of the body, in bytes; nil when only its end will tell.
  private(set) var length: Int? = 0
  /// Whether the body has a transfer coding beside its chunks, such as gzip.
  private(set) var isCoded = false
  private(set) var expectation: String?
  /// `Upgrade` and CONNECT end the HTTP on a connection, even where nobody goes along.
  private(set) var endsHTTP: Bool
  /// The values of `X-Forwarded-For`.
  private(set) var forwarded: [String] = []

  init(_ head: HTTPRequestHead) {
    endsHTTP = head.method == .CONNECT
    var hasCoding = false
    for (name, value) in head.headers {
      switch name.utf8.count {
      // The decoder has refused what is no number, and what contradicts itself.
      case 14 where name.isSpelled("content-length"): length = length == nil ? nil : Int(value)
      case 17 where name.isSpelled("transfer-encoding"):
        // In several fields, it is several codings.
        isCoded = hasCoding || !value.isSpelled("chunked")
        (length, hasCoding) = (nil, true)
      case 6 where name.isSpelled("expect"): expectation = value.lowercased()
      case 7 where name.isSpelled("upgrade"): endsHTTP = true
      case 15 where name.isSpelled("x-forwarded-for"): forwarded.append(value)
      default: break
      }
    }
  }

  var hasBody: Bool { length != 0 }
}

extension String {
  /// Whether it is this ASCII word in any mix of cases; makes no other string.
  fileprivate func isSpelled(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { word in
      utf8.elementsEqual(word) { byte, lower in byte == lower || byte | 0x20 == lower && byte >= UInt8(ascii: "A") }
    }
  }
}
