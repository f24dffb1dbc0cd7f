import DataValidation
import Steps
import Tabular

/// A column on a profile page: its facts, its shape, its most frequent values.
struct ColumnSection {
  let column: ColumnProfile
  let number: Int
  let rows: Int
  /// Why the type is what it is.
  let reasons: [String]

  var html: HTML {
    var parts = [pairs("Facts", facts)]
    if let numbers = column.numbers {
      parts.append(figure(numbers))
      parts.append(pairs("Quantiles", quantiles(numbers)))
    }
    if !column.values.isEmpty {
      let listed = column.values.prefix(10).map { (name: shown($0.value), value: column.shareOfPresent($0.count)) }
      parts.append(pairs(column.undercount == 0 ? "Most frequent values" : "Most frequent values, at least", listed))
    }
    return .element(
      "article", ["id": "column-\(number)", "aria-labelledby": "name-\(number)"],
      [
        .element(
          "header", [:],
          [
            .element("h2", ["id": "name-\(number)"], column.name),
            .element("span", ["class": "kind"], column.type.rawValue),
          ] + reasons.map { .element("p", ["class": "reason"], $0) }), .element("div", ["class": "parts"], parts),
      ])
  }

  /// An empty text can be seen as one.
  private func shown(_ value: String) -> String { value.isEmpty ? "(empty)" : clean(value, 80) }

  private var facts: [(name: String, value: String)] {
    var facts = [("Missing", column.missing == 0 ? "none" : "\(column.missing) (\(column.missingWord))")]
    if column.distinct != nil { facts.append(("Distinct", column.distinctWord)) }
    if let numbers = column.numbers {
      facts.append(("Mean", column.word(numbers.mean)))
      if !column.type.isTime { facts.append(("Deviation", shortNumber(numbers.deviation))) }
      if column.type == .integer || column.type == .number {
        facts.append(
          ("Zeros", numbers.zeros == 0 ? "none" : "\(numbers.zeros) (\(column.shareOfPresent(numbers.zeros)))"))
      }
    }
    if let lengths = column.lengths {
      facts.append(("Characters", "\(lengths.min) to \(lengths.max), \(shortNumber(lengths.mean)) on average"))
    }
    if let entries = column.entries {
      facts.append(("Entries", "\(entries.count)"))
      facts.append(("Indices", "\(entries.isExact ? "" : "≈")\(entries.indices)"))
    }
    if let association = column.association { facts.append(("With target", association.word)) }
    return facts.map { (name: $0.0, value: $0.1) }
  }

  private func quantiles(_ numbers: ColumnProfile.Numbers) -> [(name: String, value: String)] {
    zip(ColumnProfile.Numbers.probabilities, numbers.quantiles).map { (name: percent($0), value: column.word($1)) }
  }

  private func pairs(_ caption: String, _ rows: [(name: String, value: String)]) -> HTML {
    .element(
      "table", [:],
      [
        .element("caption", caption),
        .element(
          "tbody", [:],
          rows.map { row in
            .element(
              "tr", [:],
              [
                .element("th", ["scope": "row", "class": "name"], row.name),
                .element("td", ["class": "number"], row.value),
              ])
          }),
      ])
  }

  /// The histogram, told in words to who cannot see it.
  private func figure(_ numbers: ColumnProfile.Numbers) -> HTML {
    let most = max(1, numbers.histogram.max() ?? 1)
    let step = 100 / Double(max(1, numbers.histogram.count))
    let bars = numbers.histogram.enumerated().filter { $0.element > 0 }.map { index, count in
      let height = max(0.8, Double(count) / Double(most) * 40)
      return HTML.element(
        "rect",
        [
          "x": shortNumber(Double(index) * step + 0.4), "y": shortNumber(40 - height),
          "width": shortNumber(step - 0.8), "height": shortNumber(height),
        ])
    }
    let words = numbers.histogram.map(String.init).joined(separator: ", ")
    let label =
      "Histogram of \(column.name) from \(column.word(numbers.min)) to \(column.word(numbers.max)); rows by bin: \(words)"
    return .element(
      "figure", [:],
      [
        .element("figcaption", "Distribution"),
        .element(
          "svg", ["viewBox": "0 0 100 40", "preserveAspectRatio": "none", "role": "img", "aria-label": label], bars),
        .element(
          "div", ["class": "ends", "aria-hidden": "true"],
          [.element("span", column.word(numbers.min)), .element("span", column.word(numbers.max))]),
      ])
  }
}
