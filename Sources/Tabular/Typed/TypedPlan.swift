import Diagnostics

/// What each column of a typed source will be.
struct TypedPlan {
  private let name: String
  private let sourceFields: [Field]
  private let declared: [String: ColumnType]
  private let markers: TypedMarkers
  /// Of the columns whose values decide; nil for the others.
  private var evidence: [TextEvidence?]
  /// The columns of the table; types are final once all rows were surveyed.
  private(set) var fields: [Field]

  init(_ source: some TypedSource, declared: [String: ColumnType], markers: TypedMarkers) {
    name = source.name
    sourceFields = source.fields
    self.declared = declared
    self.markers = markers
    fields = source.fields.map { Field(name: $0.name, type: declared[$0.name] ?? $0.type) }
    evidence = source.fields.map { field in
      let declaredType = declared[field.name]
      guard declaredType == .category || declaredType == nil && field.type.isString else { return nil }
      return TextEvidence(
        isLabel: declaredType == .category || field.type == .category, isUntyped: source.hasUntypedStrings,
        markers: markers)
    }
  }

  /// Columns whose values decide their type, or are its levels.
  var undecided: [Int] { evidence.indices.filter { evidence[$0] != nil } }

  /// Adds some rows of those columns.
  mutating func survey(_ batch: TypedBatch, of columns: [Int]) {
    for (column, index) in zip(batch.columns, columns) {
      if sourceFields[index].type.isString {
        evidence[index]?.add(column)
      } else {
        let texts = SegmentBuffer(.text, rowCount: batch.rowCount)
        let conversion = ColumnConversion(
          from: sourceFields[index].type, to: .text, levels: LevelTable(), markers: markers)
        _ = conversion.convert(column, 0..<batch.rowCount, into: texts, at: 0)
        evidence[index]?.add(TypedColumn(texts))
      }
    }
  }

  /// Settles the types. Throws `TypedSourceError` for categories with too many levels.
  mutating func conversions() throws(TypedSourceError) -> [ColumnConversion] {
    var problems: [TypedProblem] = []
    for (index, found) in evidence.enumerated() {
      guard let found else { continue }
      if declared[fields[index].name] == nil {
        fields[index].type = found.type
      } else if found.levels == nil {
        problems.append(.tooManyLevels(column: fields[index].name, limit: TypeInference.declaredLevels))
      }
    }
    if !problems.isEmpty { throw TypedSourceError(name, problems) }
    return zip(sourceFields, fields).enumerated().map { index, types in
      let levels = types.1.type == .category ? evidence[index]?.levels : nil
      return ColumnConversion(
        from: types.0.type, to: types.1.type, levels: levels ?? LevelTable(), markers: markers)
    }
  }

  /// What a person should know: columns without any value.
  func notes(rowCount: Int, missingCounts: [Int]) -> [Diagnostic] {
    zip(fields, missingCounts).compactMap { field, missing in
      missing < rowCount || declared[field.name] != nil
        ? nil : .emptyColumn(field.name, in: name)
    }
  }
}

extension Diagnostic {
  /// Warns of a column without any value.
  static func emptyColumn(_ column: String, in source: String) -> Diagnostic {
    .warning("empty-column", "column '\(column)' holds no value at all", at: Place(file: source))
  }
}

extension ColumnType {
  /// Whether cells are strings in a typed source.
  var isString: Bool { self == .text || self == .category }
}
