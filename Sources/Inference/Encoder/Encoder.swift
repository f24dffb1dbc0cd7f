package import Tabular

/// A fitted feature transform: from the columns of a table to the columns of a design matrix. The same code runs in
/// training and in serving.
package struct Encoder: Sendable, Hashable {
  /// The columns that it reads, with the types they had in training.
  package let inputs: [Field]
  /// What is made of them, in the order of the design's columns.
  package let features: [Feature]
  /// The names of the design's columns, none twice: `bmi`, `sex=male`, `when.month`, `bmi.missing`.
  package let outputNames: [String]

  package var columnCount: Int { outputNames.count }

  /// Whether rows are encoded as their entries that are not 0: where a feature is hashed or sparse, and where one-hot
  /// columns are more than `mostDenseColumns` in all. Numbers are then scaled but not centred, which would make every
  /// entry of their column another one than 0; see `docs/decisions/0011-sparse.md`.
  package let isSparse: Bool

  static let mostDenseColumns = 1000

  init(inputs: [Field], features: [Feature]) {
    self.inputs = inputs
    self.features = features
    outputNames = features.flatMap(\.outputs)
    isSparse = Encoder.isSparse(features)
  }

  static func isSparse(_ features: [Feature]) -> Bool {
    var oneHotColumns = 0
    for feature in features {
      if feature.isHashedOrSparse { return true }
      if case .oneHot = feature { oneHotColumns += feature.width }
    }
    return oneHotColumns > mostDenseColumns
  }
}

extension Encoder {
  /// The columns of the design that hold false and true, whatever numbers they are scaled to.
  package var booleanColumns: Set<Int> {
    let booleans = Set(inputs.filter { $0.type == .boolean }.map(\.name))
    var columns: Set<Int> = []
    var at = 0
    for feature in features {
      if case .number(let number) = feature, booleans.contains(number.input) { columns.insert(at) }
      at += feature.width
    }
    return columns
  }

  /// The column of the table that a column of the design is made of.
  package func input(of column: Int) -> String {
    var at = 0
    for feature in features {
      at += feature.width
      if column < at { return feature.input }
    }
    return ""
  }
}

/// One or more columns of the design made of one column of the table.
package enum Feature: Sendable, Hashable {
  case number(NumberFeature)
  /// 1 where the column is missing, 0 elsewhere.
  case indicator(input: String, output: String)
  case oneHot(OneHotFeature)
  case hash(HashFeature)
  case text(TextFeature)
  case sparse(SparseFeature)

  package var input: String {
    switch self {
    case .number(let feature): feature.input
    case .indicator(let input, _): input
    case .oneHot(let feature): feature.input
    case .hash(let feature): feature.input
    case .text(let feature): feature.input
    case .sparse(let feature): feature.input
    }
  }

  package var outputs: [String] {
    switch self {
    case .number(let feature): [feature.output]
    case .indicator(_, let output): [output]
    case .oneHot(let feature): feature.columns.map(\.output)
    case .hash(let feature): (0..<feature.buckets).map { "\(feature.output)#\($0)" }
    case .text(let feature): (0..<feature.buckets).map { "\(feature.output)#\($0)" }
    case .sparse(let feature): feature.indices.map { "\(feature.output):\($0)" }
    }
  }

  /// Columns of the design.
  package var width: Int {
    switch self {
    case .number, .indicator: 1
    case .oneHot(let feature): feature.columns.count
    case .hash(let feature): feature.buckets
    case .text(let feature): feature.buckets
    case .sparse(let feature): feature.indices.count
    }
  }

  /// Whether hardly any row has anything in most of the columns, by the kind of the feature.
  fileprivate var isHashedOrSparse: Bool {
    switch self {
    case .number, .indicator, .oneHot: false
    case .hash, .text, .sparse: true
    }
  }
}

/// (x − offset) · factor, where x is the column, or a part of its date, with `impute` in place of what is missing.
package struct NumberFeature: Sendable, Hashable {
  package var input: String
  package var part: DatePart?
  package var output: String
  /// Nil when nothing stands in: a missing value is an error.
  package var impute: Double?
  package var offset: Double
  package var factor: Double
}

/// 1 in the column of the cell's level, 0 in the others.
///
/// A level that is in no column and not in the baseline was not seen in training: it goes to the column that takes
/// unknown ones, and without one is 0 everywhere. So is a missing cell when training had none.
package struct OneHotFeature: Sendable, Hashable {
  package struct Column: Sendable, Hashable {
    package var output: String
    /// More than one where rare levels share the column.
    package var levels: [String]
    package var takesUnknown = false
    package var takesMissing = false
  }

  package var input: String
  package var columns: [Column]
  /// Levels of the dropped column, which are 0 everywhere.
  package var baseline: [String]
}
