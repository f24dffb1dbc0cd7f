package import Tabular

/// What a table is expected to be like: the settings of a `validate` step.
package struct Expectations: Sendable, Hashable {
  package var rows = Bounds()
  /// The largest change of the number of rows since the last accepted data, as a share of it.
  package var rowChange: Double?
  /// By column name, in the order of the names' bytes.
  package var columns: [ColumnExpectations] = []
  /// Columns whose values together may not stand twice.
  package var keys: [[String]] = []
  /// The largest share of rows that may equal an earlier one.
  package var duplicates: Double?
  package var comparisons: [Comparison] = []
  package var presence: [Presence] = []
  package var references: [Reference] = []
  package var sharedRows: SharedRows?
  /// How closely a column may go with the target.
  package var leakage: Double?
  package var drift: DriftLimits?
  /// What a breach means where an expectation does not say.
  package var severity = Severity.error

  package init() {}

  /// What a breach means: it stops the run, is a warning, or is only told.
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    case error, warn, info
  }

  /// Inclusive limits, each of which may be open.
  package struct Bounds: Sendable, Hashable {
    package var min: Double?
    package var max: Double?

    package init(min: Double? = nil, max: Double? = nil) {
      self.min = min
      self.max = max
    }

    package var isOpen: Bool { min == nil && max == nil }

    func contains(_ value: Double) -> Bool { value >= min ?? -.infinity && value <= max ?? .infinity }
  }

  /// In rows where `column` holds one of `values`, or anything when there are none, columns must be there or missing.
  package struct Presence: Sendable, Hashable {
    package var column: String
    package var values: [String]
    package var present: [String]
    package var absent: [String]
  }

  /// Every value of `column` must stand in `key` of another table.
  package struct Reference: Sendable, Hashable {
    package var column: String
    package var table: String
    package var key: String
  }

  /// The largest share of rows outside of the training part of a split that may equal a row of it.
  package struct SharedRows: Sendable, Hashable {
    package var split: String
    package var limit: Double
  }

  /// How far columns may be from those of another table; see `Drift`.
  package struct DriftLimits: Sendable, Hashable {
    /// The name of the table, or `MODEL@CHANNEL` for the rows that a model was trained on; nil for the last accepted data.
    package var table: String?
    /// Whether `table` can be a model.
    package var isOfModel: Bool { table?.utf8.contains(UInt8(ascii: "@")) ?? false }
    /// All that both tables have when nil.
    package var columns: [String]?
    package var limits: [DriftStatistic: Double]
    package var severity: Severity?
  }

  /// Whether the last accepted data has to be known.
  package var needsPrevious: Bool { rowChange != nil || drift.map { $0.table == nil } ?? false }

  /// Whether the time has to be known.
  package var needsClock: Bool { columns.contains { $0.maxAge != nil } }
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
  package var pattern: Pattern?
  /// Of every value as canonical text, in Unicode scalars.
  package var length = Expectations.Bounds()
  /// Different values over values.
  package var uniqueShare = Expectations.Bounds()
  package var order: Order?
  package var quantiles: [Quantile] = []
  package var mean = Expectations.Bounds()
  /// With divisor n.
  package var deviation = Expectations.Bounds()
  /// How old the newest value may be, in seconds.
  package var maxAge: Double?
  /// What a breach means; nil for what the whole says.
  package var severity: Expectations.Severity?

  /// From row to row, missing ones passed over.
  package enum Order: String, Sendable, Hashable, CaseIterable {
    case increasing, decreasing
    case strictlyIncreasing = "strictly_increasing"
    case strictlyDecreasing = "strictly_decreasing"
  }

  package struct Quantile: Sendable, Hashable {
    package var probability: Double
    package var bounds: Expectations.Bounds
  }

  package init(name: String) { self.name = name }
}
