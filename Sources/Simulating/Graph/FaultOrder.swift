/// Reads the description of a fault, as it is posted to `/simulator/faults`.
enum FaultOrder {
  private static let keys: Set<String> = ["match", "code", "details", "garbage", "cut_body", "silent", "fails"]

  static func fault(_ bytes: [UInt8]) throws(FaultOrderError) -> Fault {
    let order = try FaultReader(bytes, keys: keys)
    var fault = Fault()
    if let match = try order.object("match", keys: ["to", "number", "text_contains"]) {
      fault.to = try order.string("to", in: match)
      fault.number = try order.string("number", in: match)
      fault.textContains = try order.string("text_contains", in: match)
    }
    fault.code = try order.integer("code", 0...9_999_999)
    fault.details = try order.string("details")
    fault.isSilent = try order.bool("silent")
    fault.fails = try order.integer("fails", 0...9_999_999)
    try order.read(
      into: &fault,
      endings: [("garbage", .garbage), ("cut_body", .cutBody)],
      unanswered: ["status", "code", "details", "retry_after"]
    )
    if fault.fails != nil { try order.refuse(["status", "code", "silent"], beside: "fails") }
    return fault
  }
}
