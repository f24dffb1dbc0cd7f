package import Basics
import Synchronization
package import Tabular

/// What the columns of a table are like: the reference that a model remembers of the rows it was trained on.
package struct TableProfile: Sendable, Hashable {
  package var rowCount: Int
  package var columns: [ColumnProfile]

  /// The version of `json`.
  package static let version = 1

  /// Profiles `columns` (all when nil) over `rows`, in ascending order (all when nil), side by side on `threads` threads; the
  /// profile does not depend on that. Throws `ExpectationError.unknownColumn` and `Cancelled`.
  package init(
    _ table: Table, columns: [String]? = nil, rows: [Int]? = nil, threads: Int = 1,
    cancellation: Cancellation = .process
  ) throws {
    let selected = try (columns ?? table.schema.names).map { name in
      guard let column = table.column(named: name) else { throw ExpectationError.unknownColumn(name) }
      return column
    }
    let profiles = Mutex([ColumnProfile?](repeating: nil, count: selected.count))
    try parallelFor(count: selected.count, threads: threads) { index in
      let profile = try ColumnProfile(selected[index], rows: rows, cancellation)
      selected[index].release()
      profiles.withLock { $0[index] = profile }
    }
    rowCount = rows?.count ?? table.rowCount
    self.columns = profiles.withLock { $0 }.compactMap { $0 }
  }

  /// `{"version", "rows", "columns": […]}`; the form of `profile.json`, in canonical text.
  package var json: JSON {
    ["version": JSON(Self.version), "rows": JSON(rowCount), "columns": .array(columns.map(\.json))]
  }
}

extension ColumnProfile {
  /// `{"name", "type", "count", "missing", "distinct", "values"}` and for numbers `{"min", "max", "mean", "deviation",
  /// "quantiles": [[p, value], …], "histogram"}`. `distinct` is null beyond `distinctLimit`; the rest is left out where it
  /// does not apply.
  package var json: JSON {
    var json: JSON = [
      "name": JSON(name), "type": JSON(type.rawValue), "count": JSON(count), "missing": JSON(missing),
      "distinct": distinct.map { JSON($0) } ?? .null,
    ]
    if type == .category || type == .boolean {
      json["values"] = .array(values.map { ["value": JSON($0.value), "count": JSON($0.count)] })
    }
    if let numbers {
      json["min"] = JSON(numbers.min)
      json["max"] = JSON(numbers.max)
      json["mean"] = JSON(numbers.mean)
      json["deviation"] = JSON(numbers.deviation)
      json["quantiles"] = .array(zip(Numbers.probabilities, numbers.quantiles).map { JSON([$0, $1]) })
      json["histogram"] = JSON(numbers.histogram)
    }
    return json
  }
}
