/// Rows of cells in aligned columns: text to the left, numbers to the right.
struct TextTable {
  enum Alignment { case left, right }

  var header: [String]
  var alignments: [Alignment]
  var rows: [[String]] = []

  init(_ columns: (String, Alignment)...) {
    header = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  /// Lines without trailing spaces.
  var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = row.indices.map { column in
        let fill = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] == .left ? row[column] + fill : fill + row[column]
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  var text: String { lines.joined(separator: "\n") }
}
