import Diagnostics
import Execution
import Inference
import Tabular

/// The column that says how much each row counts.
struct WeightColumn {
  private let column: Column

  /// Throws where there is no such column, or it holds no numbers.
  init(_ name: String, in table: Table) throws {
    guard let column = table.column(named: name) else {
      throw SettingProblem(["weight"], unknownColumn(name, in: table, role: "the weight"))
    }
    guard column.type == .integer || column.type == .number else {
      throw SettingProblem(
        ["weight"],
        .error(
          "mistyped-weight", "the weight '\(name)' holds \(column.type.rawValue), expected numbers",
          help: ["declare its type number under ingest.columns, or name another column"]))
    }
    self.column = column
  }

  /// The weights of chosen rows, all finite and 0 or more, and whole where they are counts. Throws for the first that is not,
  /// with its row.
  func values(_ rows: RowSelection, count: Int, areCounts: Bool = false) throws -> [Double] {
    var values = [Double](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer { out in
      rows.gather(0..<count, into: out) { rows, out in column.readNumbers(rows, into: out) }
    }
    guard let bad = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) else {
      if areCounts, let broken = values.firstIndex(where: { $0 != $0.rounded() }) {
        throw SettingProblem(
          ["weight"],
          .error(
            "fractional-frequency",
            "the weight '\(column.name)' is \(shortNumber(values[broken])) in row \(rows.row(broken) + 1), "
              + "and a frequency is a whole number of rows",
            help: ["mend the column, or write 'inference: { weights: precision }'"]))
      }
      return values
    }
    let state = values[bad].isNaN ? "missing" : values[bad] < 0 ? "negative" : "not finite"
    throw SettingProblem(
      ["weight"],
      .error(
        "bad-weight", "the weight '\(column.name)' is \(state) in row \(rows.row(bad) + 1), expected 0 or more",
        help: ["mend the column, or leave such rows out of the data"]))
  }
}
