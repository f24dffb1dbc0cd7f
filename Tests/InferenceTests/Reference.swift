import Basics
import Inference
import Tabular
import Testing

/// The table of `Fixtures/encoding_reference.py`, and what scikit-learn made of it.
struct Reference {
  let json: JSON
  let table: Table
  let features = ["age", "bmi", "smoker", "sex", "city"]
  let trainingRows: RowSelection

  init() throws {
    let path = (Files.parentFolder(of: #filePath) ?? ".") + "/Fixtures/encoding_reference.json"
    let json = try JSON(parsing: try Files.read(path))
    self.json = json
    func cells(_ key: String) throws -> [JSON] { try #require(json[key]?.arrayValue) }
    trainingRows = .rows(Array(0..<(try #require(json["training"]?.intValue))))
    table = Table(columns: [
      ColumnData("age", .integers(try cells("age").map { $0.intValue.map(Int64.init) })),
      ColumnData("bmi", .numbers(try cells("bmi").map(\.doubleValue))),
      ColumnData("smoker", .booleans(try cells("smoker").map { $0.doubleValue.map { $0 == 1 } })),
      ColumnData("sex", .categories(try cells("sex").map(\.stringValue))),
      ColumnData("city", .categories(try cells("city").map(\.stringValue))),
    ])
  }

  func numbers(_ keys: String...) throws -> [Double] {
    let value = keys.reduce(Optional(json)) { $0?[$1] }
    return try #require(value?.arrayValue).compactMap(\.doubleValue)
  }

  func encoder() throws -> Encoder {
    var settings = EncoderSettings()
    settings.rareShare = 0.1
    return try Encoder.fit(table, features: features, rows: trainingRows, settings: settings, dropsLevel: false).encoder
  }

  /// scikit-learn's fit as a model of ours.
  func model(_ objective: ModelObjective) throws -> Model {
    let kind = objective.rawValue
    let values = try numbers("fits", kind, "target")
    let targets = Table(columns: [
      ColumnData("y", !objective.isClassifier ? .numbers(values) : .integers(values.map { Int64($0) }))
    ])
    // scikit-learn keeps the columns in another order.
    let encoder = try encoder()
    let theirs = try #require(json["names"]?.arrayValue).compactMap(\.stringValue)
    let weights = try numbers("fits", kind, "coefficients")
    let intercepts = try numbers("fits", kind, "intercepts")
    let order = try encoder.outputNames.map { name in try #require(theirs.firstIndex(of: name)) }
    let coefficients = intercepts.indices.flatMap { output in order.map { weights[output * theirs.count + $0] } }
    return Model(
      objective: objective,
      target: try Target.fit(targets, name: "y", rows: trainingRows, objective: objective),
      encoder: encoder, coefficients: coefficients, intercepts: intercepts, l2: 0.5,
      training: Model.Training(
        rows: 44, objectiveValue: 0.25, gradientNorm: 1e-9, iterations: 5, converged: true, solver: "newton", seed: .max
      ))
  }
}

/// The design of some rows, row by row.
func design(_ encoder: Encoder, _ table: Table, rows: Range<Int>? = nil) throws -> [[Double]] {
  let rows = rows ?? 0..<table.rowCount
  let leading = rows.count + 3
  var block = [Double](repeating: 99, count: leading * encoder.columnCount)
  try block.withUnsafeMutableBufferPointer {
    try encoder.encode(table, rows: rows, into: $0, leadingDimension: leading)
  }
  return rows.indices.map { row in
    (0..<encoder.columnCount).map { block[$0 * leading + row - rows.lowerBound] }
  }
}
