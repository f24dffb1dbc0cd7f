import DataValidation
import Diagnostics
import Statistics
import Tabular

/// A profile as one HTML file that stands alone: an overview, then a section a column.
struct ProfilePage {
  let title: String
  let profile: TableProfile
  /// What is known of why columns have their types.
  let notes: [Diagnostic]
  /// How the types came about.
  let inferences: [ColumnInference]

  var html: String {
    var body = [
      HTML.element("h1", title),
      .element(
        "p",
        "\(profile.rowCount) rows × \(profile.columns.count) columns"
          + (profile.target.map { ", held beside the target '\($0)'" } ?? "")),
    ]
    if !notes.isEmpty {
      body.append(.element("ul", [:], notes.map { .element("li", $0.message) }))
    }
    body.append(
      .element("div", ["class": "scroll", "role": "region", "aria-label": "Overview", "tabindex": "0"], [overview]))
    let reasons = Dictionary(inferences.map { ($0.column, $0.reasons) }, uniquingKeysWith: { first, _ in first })
    body.append(
      .element(
        "main", ["aria-label": "Columns"],
        profile.columns.enumerated().map {
          ColumnSection(column: $1, number: $0, rows: profile.rowCount, reasons: reasons[$1.name] ?? []).html
        }))
    body.append(.element("footer", [:], [.element("p", footer)]))
    return HTML.page(title: "Profile of \(title)", style: profilePageStyle, body)
  }

  private var overview: HTML {
    var header = ["Column", "Type", "Missing", "Distinct", "Smallest", "Median", "Largest"]
    if profile.target != nil { header.append("With target") }
    let heads = header.enumerated().map { index, word in
      HTML.element("th", ["scope": "col", "class": index < 2 ? "name" : "number"], word)
    }
    return .element(
      "table", [:],
      [
        .element("caption", "Every column at a glance"),
        .element("thead", [:], [.element("tr", [:], heads)]),
        .element("tbody", [:], profile.columns.enumerated().map(row)),
      ])
  }

  private func row(_ number: Int, _ column: ColumnProfile) -> HTML {
    var cells = [column.missingWord, column.distinctWord]
    cells += column.spreadWords
    if profile.target != nil { cells.append(column.association?.word ?? "–") }
    return .element(
      "tr", [:],
      [
        .element(
          "th", ["scope": "row", "class": "name"], [.element("a", ["href": "#column-\(number)"], column.name)]),
        .element("td", column.type.rawValue),
      ] + cells.map { .element("td", ["class": "number"], $0) })
  }

  private var footer: String {
    var parts = ["Made by mlflowctl in one pass."]
    if profile.columns.contains(where: { $0.distinct?.isExact == false }) {
      parts.append("Counts after ≈ are estimates with a standard error of 1.15 %.")
    }
    let rankError = profile.columns.compactMap { $0.numbers?.rankError }.max() ?? 0
    if rankError > 0 {
      parts.append(
        "Ranks of quantiles are off by at most \(percent(rankError)) of the rows, with a probability of 99 %.")
    }
    if profile.target != nil {
      parts.append("r: Pearson's correlation. ε: Kelley's correlation ratio. V: Cramér's V with Bergsma's correction.")
    }
    return parts.joined(separator: " ")
  }
}
