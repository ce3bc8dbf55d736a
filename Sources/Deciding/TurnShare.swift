/// What one reply can be to: more would be too much for some models, and too much for one transaction.
///
/// 64 KiB are some 16,000 tokens of most languages, 1,000 messages more than anybody types.
package enum TurnShare {
  package static let (mostMessages, mostBytes) = (1000, 65_536)

  /// Where a turn has to end.
  ///
  /// - Parameter sizes: How many bytes of text each message has, in the order of the conversation.
  /// - Returns: The index of the first message that is beyond it, or nil when all are within; one message is always within.
  package static func end(of sizes: some Collection<Int>) -> Int? {
    var bytes = 0
    for (index, size) in sizes.enumerated() {
      bytes += size
      if index >= mostMessages || index > 0 && bytes > mostBytes { return index }
    }
    return nil
  }

  /// How many turns so many messages are; each has a reply and a price of its own.
  package static func count(of sizes: [Int]) -> Int {
    var (rest, count) = (sizes[...], 0)
    while !rest.isEmpty {
      count += 1
      rest = rest.dropFirst(end(of: rest) ?? rest.count)
    }
    return count
  }
}
