/// The candidate that a typing error could have made `word` from; nil when none is near.
func nearest(to word: String, in candidates: [String]) -> String? {
  let word = String(word.lowercased().prefix(40))
  let ranked = candidates.map { (candidate: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
  guard let ranked, ranked.distance <= max(1, ranked.candidate.count / 3) else { return nil }
  return ranked.candidate
}

/// How many letters to put in, take out, change or swap with their neighbour to make one of the other.
private func distance(_ first: String, _ second: String) -> Int {
  let (first, second) = (Array(first), Array(second))
  var rows = [Array(0...second.count)]
  for (i, letter) in first.enumerated() {
    var row = [i + 1]
    for (j, other) in second.enumerated() {
      var best = min(rows[i][j] + (letter == other ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[first.count][second.count]
}
