import Foundation
import Spooling

/// Finds the receipts of files, many at once, for each day's file is read from its beginning.
package struct SealSearch: Sendable {
  /// How well a receipt fits a file; the best one counts.
  private enum Fit: Int, Comparable {
    /// The bytes are the same: the file has another name than it had.
    case bytes
    case name
    case both

    static func < (left: Fit, right: Fit) -> Bool { left.rawValue < right.rawValue }
  }

  private struct Found {
    var receipts: [Int: (receipt: Receipt, fit: Fit)] = [:]
  }

  private let folder: ReceiptFolder

  /// A search in the receipts of the spool at `path`.
  package init(spool path: String) {
    folder = ReceiptFolder(spool: path)
  }

  /// What the receipts say of each file.
  ///
  /// A receipt is looked for by the file's name, then by its SHA-256: first among those of the day in the name, then in the other days, newest
  /// first, until there is one. The memory that it takes depends on the number of files only.
  ///
  /// - Parameter files: Those that are asked for.
  /// - Returns: As many seals, in the same order.
  /// - Throws: What the file system said.
  package func seals(of files: [SealedFile]) throws(ReceiptError) -> [Seal] {
    var found = Found()
    let dated = Dictionary(grouping: files.indices) { files[$0].day }
    for (day, indices) in dated {
      guard let day else { continue }
      try search(day, for: indices, of: files, &found)
    }
    for day in try folder.days() {
      let open = files.indices.filter { found.receipts[$0] == nil && files[$0].day != day }
      if !open.isEmpty { try search(day, for: open, of: files, &found) }
    }
    return files.indices.map { index in found.receipts[index].map { files[index].seal(by: $0.receipt) } ?? .unsealed }
  }

  private func search(_ day: Day, for indices: [Int], of files: [SealedFile], _ found: inout Found) throws(ReceiptError) {
    let names = Dictionary(grouping: indices) { files[$0].name }
    let sums = Dictionary(grouping: indices) { files[$0].sha256 }
    try ReceiptLines.read(folder.path(of: day)) { line in
      // A refused payload has no file, and seals nothing.
      guard let name = ReceiptLines.text(of: ReceiptLines.fileKey, in: line),
        let sum = ReceiptLines.text(of: ReceiptLines.sha256Key, in: line)
      else {
        return true
      }
      let (named, same) = (names[name] ?? [], sums[sum] ?? [])
      guard !named.isEmpty || !same.isEmpty, let receipt = Receipt(line: Data(line)), receipt.file != nil else { return true }
      for index in Set(named + same) {
        let fit: Fit = files[index].name != name ? .bytes : files[index].sha256 == sum ? .both : .name
        if let known = found.receipts[index], known.fit >= fit { continue }
        found.receipts[index] = (receipt, fit)
      }
      return true
    }
  }
}
