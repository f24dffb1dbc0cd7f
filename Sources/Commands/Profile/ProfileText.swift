import DataValidation
import Diagnostics
import Tabular

/// A profile for a terminal: one line a column.
struct ProfileText {
  let title: String
  let profile: TableProfile
  /// How the types came about.
  let inferences: [ColumnInference]
  /// Columns of the terminal.
  let width: Int
  /// Whether shapes are drawn beside the numbers: for eyes, not for pipes.
  let draws: Bool
  let colour: Bool

  var text: String {
    let heading = "\(title)  \(profile.rowCount) rows × \(profile.columns.count) columns"
    return ([Style.bold(heading, if: colour), ""] + table + notes).joined(separator: "\n")
  }

  private var table: [String] {
    var table = TextTable(
      ("column", .left), ("type", .left), ("missing", .right), ("distinct", .right), ("min", .right),
      ("median", .right), ("max", .right))
    if let target = profile.target {
      table.header.append("with " + clean(target, 12))
      table.alignments.append(.right)
    }
    table.rows = profile.columns.map(cells)
    let reasons = Dictionary(inferences.map { ($0.column, $0.reason) }, uniquingKeysWith: { first, _ in first })
    if !reasons.isEmpty {
      table.header.append("type since")
      table.alignments.append(.left)
      for (index, column) in profile.columns.enumerated() {
        table.rows[index].append(reasons[column.name].flatMap { $0.map { clean($0, 24) } } ?? "–")
      }
    }
    let used = table.lines.map(\.count).max() ?? 0
    if draws {
      table.header.append("distribution")
      table.alignments.append(.left)
      for (index, column) in profile.columns.enumerated() {
        table.rows[index].append(shape(column, width: max(10, width - used - 2)))
      }
    }
    let lines = table.lines
    return [Style.dim(lines[0], if: colour)] + lines.dropFirst()
  }

  private func cells(_ column: ColumnProfile) -> [String] {
    var cells = [clean(column.name, 28), column.type.rawValue, column.missingWord, column.distinctWord]
    if column.numbers != nil {
      cells += column.spreadWords
    } else if let lengths = column.lengths {
      cells += ["\(lengths.min) chars", "–", "\(lengths.max) chars"]
    } else {
      cells += ["–", "–", "–"]
    }
    if profile.target != nil { cells.append(column.association?.word ?? "–") }
    return cells
  }

  private func shape(_ column: ColumnProfile, width: Int) -> String {
    if column.type == .boolean || column.numbers == nil { return column.valuesWord(width: width) }
    return column.numbers.map { sparkline($0.histogram) } ?? ""
  }

  /// What the marks in the table mean, where they occur.
  private var notes: [String] {
    var notes: [String] = []
    if profile.columns.contains(where: { $0.distinct?.isExact == false }) {
      notes.append("≈ estimated, with a standard error of 1.15 %")
    }
    let rankError = profile.columns.compactMap { $0.numbers?.rankError }.max() ?? 0
    if rankError > 0 {
      notes.append("quantiles are off by at most \(percent(rankError)) of the rows, with a probability of 99 %")
    }
    if profile.columns.contains(where: { $0.association != nil }) {
      notes.append(
        "r: Pearson's correlation; ε: correlation ratio; V: Cramér's V, both corrected for the number of classes")
    }
    return notes.isEmpty ? [] : [""] + notes.map { Style.dim($0, if: colour) }
  }
}
