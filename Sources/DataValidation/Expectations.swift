package import Tabular

/// What a table is expected to be like: the settings of a `validate` step.
package struct Expectations: Sendable, Hashable {
  package var rows: Bounds
  /// By column name, in the order of the names' bytes.
  package var columns: [ColumnExpectations]
  package var severity: OnFindings

  /// What findings mean for the run.
  package enum OnFindings: String, Sendable, Hashable, CaseIterable {
    case fail, warn
  }

  /// Inclusive limits, each of which may be open.
  package struct Bounds: Sendable, Hashable {
    package var min: Double?
    package var max: Double?

    package init(min: Double? = nil, max: Double? = nil) {
      self.min = min
      self.max = max
    }
  }

  package init(rows: Bounds = Bounds(), columns: [ColumnExpectations] = [], severity: OnFindings = .fail) {
    self.rows = rows
    self.columns = columns
    self.severity = severity
  }
}

/// What one column is expected to be like.
package struct ColumnExpectations: Sendable, Hashable {
  package var name: String
  /// The column must be there.
  package var required = true
  /// `number` takes integer columns too, `text` category columns.
  package var type: ColumnType?
  package var range = ColumnRange()
  /// The values that may occur, as canonical text.
  package var values: [String]?
  /// No value may occur twice.
  package var unique = false
  /// The largest share of rows that may be missing.
  package var missing: Double?
  /// A regular expression that every value, as canonical text, must match as a whole.
  package var pattern: String?

  package init(name: String) {
    self.name = name
  }
}
