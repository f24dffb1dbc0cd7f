/// The candidate nearest to `word` by Damerau–Levenshtein distance (optimal string alignment), if it is near enough to be
/// a slip of the pen: at most a third of the word's length, and at least one edit for short words. Ties go to the first.
///
/// O(candidates × length²).
package func nearestName(to word: String, among candidates: some Sequence<String>) -> String? {
  let limit = max(1, word.unicodeScalars.count / 3)
  var best: (distance: Int, name: String)?
  for name in candidates {
    // Each edit changes the length by one at most.
    if abs(name.unicodeScalars.count - word.unicodeScalars.count) > limit { continue }
    let distance = editDistance(word.lowercased(), name.lowercased())
    if distance <= limit, distance < (best?.distance ?? .max) { best = (distance, name) }
  }
  return best?.name
}

/// Edits (insert, delete, replace, swap neighbours) that turn one word into the other.
package func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first.unicodeScalars)
  let b = Array(second.unicodeScalars)
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 1...a.count {
    var current = [Int](repeating: i, count: b.count + 1)
    for j in 1...b.count {
      let cost = a[i - 1] == b[j - 1] ? 0 : 1
      current[j] = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        current[j] = min(current[j], beforePrevious[j - 2] + 1)
      }
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
