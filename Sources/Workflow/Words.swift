import Diagnostics

/// `a, b or c`.
func alternatives(_ words: [String]) -> String {
  words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
}

/// The nearest name, for words short enough that looking is cheap.
func suggestion(_ word: String, among candidates: [String]) -> String? {
  word.utf8.count > 100 ? nil : nearestName(to: word, among: candidates.filter { $0.utf8.count <= 100 })
}

/// The help lines for an unknown word: the nearest known one, or all of them where they are few.
func suggestions(_ word: String, among candidates: [String], otherwise: String) -> [String] {
  if let name = suggestion(word, among: candidates) { return ["did you mean '\(name)'?"] }
  if candidates.isEmpty || candidates.count > 20 { return [] }
  return ["\(otherwise) \(alternatives(candidates))"]
}

func withArticle(_ noun: String) -> String {
  (noun.first.map { "aeiou".contains($0) } ?? false ? "an " : "a ") + noun
}
