import Foundation
import Spooling

/// Writes the receipts that a crash has lost.
struct ReceiptRestorer {
  let folder: ReceiptFolder

  /// - Returns: How many lines were written.
  func restore(_ receipts: some Sequence<Receipt>) throws(ReceiptError) -> Int {
    var (missing, count): ([PayloadID: Receipt], Int) = ([:], 0)
    for receipt in receipts {
      guard let file = receipt.file else { continue }
      missing[file] = receipt
      guard missing.count == ReceiptLog.restoredAtOnce else { continue }
      count += try write(missing)
      missing = [:]
    }
    return count + (try write(missing))
  }

  private func write(_ receipts: [PayloadID: Receipt]) throws(ReceiptError) -> Int {
    var count = 0
    for (day, receipts) in Dictionary(grouping: receipts.values, by: { Day($0.at) }).sorted(by: { $0.key < $1.key }) {
      let missing = try withoutKnown(receipts, on: day).sorted { $0.at < $1.at }
      guard !missing.isEmpty else { continue }
      try folder.append(missing.flatMap(\.line.bytes), to: day)
      count += missing.count
    }
    return count
  }

  /// Those that no line of the day has; a torn line is none.
  private func withoutKnown(_ receipts: [Receipt], on day: Day) throws(ReceiptError) -> [Receipt] {
    var missing = Dictionary(receipts.compactMap { receipt in receipt.file.map { ($0.description, receipt) } }) { first, _ in first }
    try ReceiptLines.read(folder.path(of: day)) { line in
      guard let name = ReceiptLines.text(of: ReceiptLines.fileKey, in: line), missing[name] != nil else { return true }
      if ReceiptLines.isWhole(line) { missing[name] = nil }
      return !missing.isEmpty
    }
    return Array(missing.values)
  }
}
