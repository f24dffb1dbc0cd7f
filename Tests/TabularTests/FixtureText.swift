import Diagnostics
import Tabular

/// A table as fixtures write it: a line a column, spaces as `_`, missing cells as `-`.
func fixtureText(_ table: Table) -> String {
  table.schema.fields.indices.map { index in
    let column = table.column(index)
    let cells = column.texts().map { cell in
      guard let cell else { return "-" }
      return String(
        cell.unicodeScalars.flatMap { scalar -> [Character] in
          scalar == " " ? ["_"] : scalar == "\n" ? ["\\", "n"] : scalar == "\r" ? ["\\", "r"] : [Character(scalar)]
        })
    }
    let shown = cells.count > 20 ? "\(cells.count) rows" : cells.joined(separator: " ")
    return "\(column.name) \(column.type): \(shown)\n"
  }.joined()
}

/// As the command line shows it.
func fixtureText(_ diagnostic: Diagnostic) -> String {
  let place = diagnostic.place.map { place in
    [place.file, place.line.map(String.init), place.column.map(String.init)].compactMap { $0 }.joined(separator: ":")
  }
  return "\(place.map { $0 + ": " } ?? "")\(diagnostic.severity): \(diagnostic.message)\n"
    + diagnostic.help.map { "help: \($0)\n" }.joined()
}

/// `missing=A,B column=type …`, as the first line of a fixture gives it.
func fixtureSettings(_ line: String) -> (declared: [String: ColumnType], missing: [String]) {
  var settings: (declared: [String: ColumnType], missing: [String]) = ([:], [])
  for setting in line.split(separator: " ") {
    let parts = setting.split(separator: "=").map(String.init)
    if parts[0] == "missing" {
      settings.missing = parts[1].split(separator: ",").map(String.init)
    } else {
      settings.declared[parts[0]] = ColumnType(rawValue: parts[1])
    }
  }
  return settings
}
