import Diagnostics

/// Makes the wanted columns of some rows of a source with types, for scoring.
///
/// Strings stay strings whether the model took them for categories or text, since it looks levels up itself.
struct BatchConversion {
  private let source: String
  private let wanted: [Field]
  private let keep: [String]
  private let markers: TypedMarkers

  /// `keep` names columns to be kept as text, each once.
  init(_ source: String, wanted: [Field], keep: [String], missing: [String]) {
    self.source = source
    self.wanted = wanted.map { Field(name: $0.name, type: $0.type == .category ? .text : $0.type) }
    self.keep = distinct(keep)
    markers = TypedMarkers(missing)
  }

  /// Throws `CSVError` for columns that are not there.
  func check(_ names: Set<String>) throws(CSVError) {
    var problems: [CSVProblem] = []
    for (index, column) in (wanted.map(\.name) + keep).enumerated() where !names.contains(column) {
      let nearest = nearestName(to: column, among: names.sorted())
      problems.append(.missingColumn(column, nearest: nearest, use: index < wanted.count ? .wanted : .kept))
    }
    if !problems.isEmpty { throw CSVError(source, problems) }
  }

  /// The rows; `cells` gives what a column holds of them and its type, nil where all is missing. Throws `TypedSourceError`
  /// for cells that are not of the wanted type.
  func batch(
    rowCount: Int, firstRow: Int, _ cells: (String) -> (TypedColumn, ColumnType)?
  ) throws(TypedSourceError) -> CSVBatch {
    var problems: [TypedProblem] = []
    var columns: [Column] = []
    for field in wanted + keep.map({ Field(name: $0, type: .text) }) {
      let buffer = SegmentBuffer(field.type, rowCount: rowCount)
      if let (source, type) = cells(field.name) {
        let conversion = ColumnConversion(from: type, to: field.type, levels: LevelTable(), markers: markers)
        let misfits = conversion.convert(source, 0..<rowCount, into: buffer, at: 0)
        if let found = misfits.found {
          problems.append(
            .mistyped(
              column: field.name, expected: field.type, found: found, count: misfits.count,
              firstRow: firstRow + misfits.firstRow + 1))
        }
      }
      columns.append(
        Column(field: field, dictionary: [], segments: [buffer.segment], segmentRows: rowCount, owners: [buffer]))
    }
    if !problems.isEmpty { throw TypedSourceError(source, problems) }
    return CSVBatch(
      table: Table(columns: Array(columns.prefix(wanted.count)), rowCount: rowCount),
      kept: Table(columns: Array(columns.dropFirst(wanted.count)), rowCount: rowCount), firstRow: firstRow)
  }
}
