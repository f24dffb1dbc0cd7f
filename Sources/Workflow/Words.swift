import Diagnostics

/// `a, b or c`.
func alternatives(_ words: [String]) -> String { joined(words, "or") }

/// `a, b and c`.
func listing(_ words: [String]) -> String { joined(words, "and") }

private func joined(_ words: [String], _ last: String) -> String {
  words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " \(last) " + (words.last ?? "")
}

/// A summary as the end of a line: without its capital and its full stop.
func phrase(_ summary: String) -> String {
  let text = summary.hasSuffix(".") ? summary.dropLast() : summary[...]
  let isWord = text.dropFirst().first?.isUppercase == false
  return isWord ? text.prefix(1).lowercased() + text.dropFirst() : String(text)
}

/// The nearest name, for words short enough that looking is cheap.
func suggestion(_ word: String, among candidates: [String]) -> String? {
  word.utf8.count > 100 ? nil : nearestName(to: word, among: candidates.filter { $0.utf8.count <= 100 })
}

/// The help lines for an unknown word: the nearest known one, or all of them where they are few.
func suggestions(_ word: String, among candidates: [String], otherwise: String) -> [String] {
  if let name = suggestion(word, among: candidates) { return ["did you mean '\(name)'?"] }
  if candidates.isEmpty || candidates.count > 20 { return [] }
  return ["\(otherwise) \(listing(candidates))"]
}

/// `a table`, `an input`, `scores`.
func withArticle(_ noun: String) -> String {
  if noun.hasSuffix("s") { return noun }
  return (noun.first.map { "aeiou".contains($0) } ?? false ? "an " : "a ") + noun
}
