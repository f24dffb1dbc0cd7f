import Basics
import DataValidation
import Steps
import Tabular

/// What is said of a column, the same in text and on a page.
extension ColumnProfile {
  /// A number of the column: a date as one.
  func word(_ value: Double) -> String {
    guard type.isTime else { return shortNumber(value) }
    // Means and quantiles may lie between two days or within a second.
    let whole = type == .date ? value.rounded() : (value * 1000).rounded() / 1000
    return ColumnLimit.text(whole, in: type)
  }

  /// The smallest value, the median, and the largest value; the ends of integers with all their digits.
  var spreadWords: [String] {
    guard let numbers else { return ["–", "–", "–"] }
    return [
      numbers.wholeMin.map { String($0) } ?? word(numbers.min), word(numbers.quantiles[4]),
      numbers.wholeMax.map { String($0) } ?? word(numbers.max),
    ]
  }

  var missingWord: String { missing == 0 ? "–" : share(missing) }

  var distinctWord: String { distinct.map { ($0.isExact ? "" : "≈") + String($0.count) } ?? "–" }

  /// A number of rows as a share of those with a value.
  func shareOfPresent(_ rows: Int) -> String {
    count == missing ? "–" : percent(Double(rows) / Double(count - missing))
  }

  private func share(_ rows: Int) -> String { count == 0 ? "–" : percent(Double(rows) / Double(count)) }

  /// The most frequent values with their shares, as many as fit.
  func valuesWord(width: Int) -> String {
    var text = ""
    for value in values {
      let next = (text.isEmpty ? "" : " · ") + "\(clean(value.value, 24)) \(shareOfPresent(value.count))"
      if text.count + next.count > width { return text + (text.isEmpty ? "" : " …") }
      text += next
    }
    return text
  }
}

extension ColumnInference {
  /// The cell that made the type what it is: `line 7: 2.5`.
  var reason: String? { steps.last.map { "\($0.place): \($0.shown)" } }

  /// Every cell that made the type wider, as sentences.
  var reasons: [String] {
    steps.map { step in
      "\(step.to) since \(step.place), which holds \(step.shown)" + (step.from.map { ", after \($0)" } ?? "")
    }
  }
}

extension ColumnInference.Step {
  fileprivate var place: String { line.map { "line \($0)" } ?? row.map { "row \($0)" } ?? "the source" }

  /// An empty text can be seen as one.
  fileprivate var shown: String { text.isEmpty ? "(empty)" : clean(text, 40) }
}

extension Association {
  /// The value with the letter of its statistic: `0.82 r`.
  var word: String { "\(ecmaScriptText((value * 1000).rounded() / 1000)) \(letter)" }

  private var letter: String {
    switch statistic {
    case .pearson: "r"
    case .correlationRatio: "ε"
    case .cramersV: "V"
    }
  }
}

/// A share with at most one digit behind the point; what is more than nothing never reads as nothing, nor less than all as
/// all.
func percent(_ share: Double) -> String {
  let rounded = (share * 1000).rounded() / 10
  if rounded == 0, share > 0 { return "<0.1%" }
  if rounded == 100, share < 1 { return ">99.9%" }
  return shortNumber(rounded).replacing(/(\.\d*?)0+$/) { match in
    match.output.1 == "." ? "" : String(match.output.1)
  } + "%"
}

/// A text that cannot disturb a terminal, cut to so many characters.
func clean(_ text: String, _ limit: Int) -> String {
  var safe = String.UnicodeScalarView()
  for scalar in text.unicodeScalars.prefix(4 * limit) { safe.append(scalar.isControl ? "\u{FFFD}" : scalar) }
  let shown = String(safe)
  return shown.count > limit ? shown.prefix(limit - 1) + "…" : shown
}
