/// The one night of a day in which what is old goes, for all processes together.
package struct Nights {
  let transaction: any Transaction

  /// Further apart than that, two nights were not seen by one clock: it may have been set.
  private static let longestGap = 7

  /// Takes the night of a day.
  ///
  /// The first night of all is only noted, and so is one that does not follow the last one: nothing is removed by a clock that was set far ahead
  /// an hour ago.
  ///
  /// - Parameter day: Counted since 1970, UTC.
  /// - Returns: Whether the caller is to see to it, and nobody else.
  /// - Throws: Why nothing was noted.
  package func take(_ day: Int) throws(LedgerError) -> Bool {
    let known = try transaction.first("SELECT value FROM setting WHERE name = 'last_night'")?.optionalBlob("value")
    let last = known.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard last != day else { return false }
    try transaction.execute(
      "INSERT INTO setting (name, value) VALUES ('last_night', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      .blob(Array("\(day)".utf8)))
    guard let last else { return false }
    return (1...Nights.longestGap).contains(day - last)
  }
}

extension Transaction {
  package var nights: Nights { Nights(transaction: self) }
}
