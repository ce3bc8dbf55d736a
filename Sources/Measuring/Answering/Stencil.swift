/// Text with places for numbers, filled in without making it anew: `<phone:11>` is eleven digits, `<mark:x16>` sixteen hexadecimal ones.
struct Stencil {
  private struct Place {
    let start: Int
    let width: Int
    let base: UInt64
  }

  private(set) var bytes: [UInt8] = []
  private var places: [String: [Place]] = [:]
  private static let digits = Array("0123456789ABCDEF".utf8)

  init(_ text: String) {
    var rest = Substring(text)
    while let match = rest.firstMatch(of: /<([a-z]+):(x?)([0-9]+)>/) {
      bytes += rest[..<match.range.lowerBound].utf8
      let width = Int(match.output.3) ?? 0
      let place = Place(start: bytes.count, width: width, base: match.output.2.isEmpty ? 10 : 16)
      places[String(match.output.1), default: []].append(place)
      bytes += repeatElement(UInt8(ascii: "0"), count: width)
      rest = rest[match.range.upperBound...]
    }
    bytes += rest.utf8
  }

  /// A whole HTTP answer with this JSON in it.
  init(answer json: String) {
    let length = Stencil(json).bytes.count
    self.init("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\r\n" + json)
  }

  /// Writes the number, with leading zeroes, into every place of that name.
  mutating func fill(_ name: String, _ number: Int) { fill(name, UInt64(number)) }

  mutating func fill(_ name: String, _ number: UInt64) {
    for place in places[name] ?? [] {
      var rest = number
      for index in stride(from: place.start + place.width - 1, through: place.start, by: -1) {
        bytes[index] = Self.digits[Int(rest % place.base)]
        rest /= place.base
      }
    }
  }
}

/// What is canned: payloads as Meta sends them, answers as OpenAI and Meta give them, every field of theirs in it.
enum Canned {
  /// The channel that all customers write to.
  static let address = "105500000000002"

  /// A customer's message; `Message N` is what the stand-ins find it again by.
  static let message = value(
    #""contacts":[{"profile":{"name":"Customer <customer:7>"},"wa_id":"<phone:11>"}],"messages":[{"from":"<phone:11>","#
      + #""id":"wamid.HBgLMTU1NTAxMDAxODgVAgASGBQ<mark:x16>","timestamp":"<seconds:10>","type":"text","#
      + #""text":{"body":"Message <number:12>: are you open on Sunday, and is there a table for four at about eight?"}}]"#)

  /// A status up to its callback data, and from there on.
  static let status = value(
    #""statuses":[{"id":"wamid.HBgLMTU1NTAxMDAxODgVAgARGBI<mark:x16>","status":"WORD","timestamp":"<seconds:10>","#
      + #""recipient_id":"<phone:11>","biz_opaque_callback_data":"CALLBACK","conversation":{"id":"<mark:x16><mark:x16>","#
      + #""origin":{"type":"service"}},"pricing":{"billable":false,"pricing_model":"PMP","type":"free_customer_service","#
      + #""category":"service"}}]"#)

  /// Source: the API reference of the Response object.
  static let reply =
    #"{"id":"resp_<mark:x16><mark:x16>","object":"response","created_at":1770000000,"status":"completed","background":false,"#
    + #""completed_at":1770000001,"error":null,"incomplete_details":null,"instructions":"\#(instructions)","max_output_tokens":null,"#
    + #""max_tool_calls":null,"model":"gpt-bench","output":[{"id":"rs_<mark:x16><mark:x16>","type":"reasoning","summary":[]},"#
    + #"{"id":"msg_<mark:x16><mark:x16>","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"#
    + #""logprobs":[],"text":"Answer <number:12> to <count:4>: \#(answer)"}],"phase":"final_answer","role":"assistant"}],"#
    + #""parallel_tool_calls":true,"previous_response_id":null,"prompt":null,"prompt_cache_key":null,"reasoning":{"effort":"medium","#
    + #""summary":null},"safety_identifier":"cust_<mark:x16>","service_tier":"default","store":false,"temperature":1.0,"text":{"format":"#
    + #"{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","#
    + #""usage":{"input_tokens":612,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":48,"#
    + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":660},"user":null,"metadata":{}}"#

  static let accepted =
    #"{"messaging_product":"whatsapp","contacts":[{"input":"+<phone:11>","wa_id":"<phone:11>"}],"#
    + #""messages":[{"id":"wamid.HBgLMTU1NTAxMDAxODgVAgARGBI<mark:x16>"}]}"#

  /// A question without anything said before; the same as replyd asks.
  static let question =
    #"{"input":[{"content":"Message <number:12>: are you open on Sunday, and is there a table for four at about eight?","#
    + #""role":"user"}],"instructions":"\#(instructions)","model":"gpt-bench","safety_identifier":"cust_<mark:x16>","store":false}"#

  static let send =
    #"{"biz_opaque_callback_data":"send_<mark:x16>","messaging_product":"whatsapp","recipient_type":"individual","#
    + #""text":{"body":"Answer <number:12> to 0001: \#(answer)","preview_url":false},"to":"+<phone:11>","type":"text"}"#

  /// As long as the prompt that replyd gives to begin with.
  private static let instructions = String(repeating: "You answer the customers of a shop, briefly and politely. ", count: 33)
  private static let answer =
    "yes, from ten to four, and a table for four at eight is free on every other day. Shall I write down Saturday for you?"

  private static func value(_ members: String) -> String {
    #"{"object":"whatsapp_business_account","entry":[{"id":"105500000000001","changes":[{"value":{"messaging_product":"whatsapp","#
      + #""metadata":{"display_phone_number":"15550100001","phone_number_id":"\#(address)"},\#(members)},"field":"messages"}]}]}"#
  }
}

extension Int {
  /// As if by chance: ids of the platform are in no order.
  var scattered: UInt64 {
    // Source: splitmix64, Steele, Lea and Flood 2014.
    var mixed = UInt64(self) &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
