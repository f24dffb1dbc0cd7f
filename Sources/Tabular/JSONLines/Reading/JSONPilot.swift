/// A first look at some lines, to guess the columns and how each is to be read. A guess that fails costs a second reading,
/// nothing else.
struct JSONPilot {
  private let declared: [String: ColumnType]
  private let verbatim: Set<[UInt8]>
  private let markers: TypedMarkers
  private var names: [String] = []
  private var positions: [String: Int] = [:]
  private var types: [ColumnType?] = []
  private var evidence: [TextEvidence] = []

  init(declared: [String: ColumnType], missing: [String]) {
    self.declared = declared
    verbatim = JSONLayout.verbatim(declared)
    markers = TypedMarkers(missing)
  }

  /// Looks at lines, of which the last ends with a line feed; those that are no rows are passed over. With `findsColumns`
  /// they are the first of the file, so that the columns come in order.
  mutating func look(at lines: UnsafeBufferPointer<UInt8>, findsColumns: Bool) {
    for piece in JSONPieceParser.pieces(of: lines, verbatim: verbatim) {
      for column in piece.rows.columns {
        guard let index = position(of: column.name, isNew: findsColumns), let type = column.type else { continue }
        types[index] = types[index].map { $0.joined(with: type) ?? .text } ?? type
        guard let cells = column.cells, type == .text else { continue }
        evidence[index].add(TypedColumn(rows: piece.rows.rowCount, of: cells))
      }
    }
  }

  private mutating func position(of name: String, isNew: Bool) -> Int? {
    if let known = positions[name] { return known }
    guard isNew else { return nil }
    positions[name] = names.count
    names.append(name)
    types.append(nil)
    evidence.append(TextEvidence(isLabel: declared[name] == .category, isUntyped: true, markers: markers))
    return names.count - 1
  }

  /// The plans as guessed, in the order in which the columns came.
  func guess() -> [ColumnPlan] {
    names.indices.map { index in
      var plan = ColumnPlan(names[index], position: index, declared: declared[names[index]])
      if plan.declared == nil { plan.mode = mode(index) }
      if plan.mode == .category, types[index] == .text, let found = evidence[index].levels {
        for level in found.sorted().levels {
          var level = level
          level.withUTF8 { _ = plan.levels.insert($0) }
        }
      }
      return plan
    }
  }

  private func mode(_ index: Int) -> ColumnMode {
    switch types[index] {
    case nil: .nothing
    case .text: evidence[index].presentCount == 0 ? .nothing : ColumnMode(declared: evidence[index].type)
    case let type?: ColumnMode(declared: type)
    }
  }
}

extension TypedColumn {
  /// The first rows of a column that has room for more.
  fileprivate init(rows: Int, of column: TypedColumn) {
    let buffer = SegmentBuffer(column.buffer.type, rowCount: rows)
    buffer.copy(column.buffer.segment(rows: rows), 0..<rows, at: 0)
    self.init(buffer, levels: column.levels)
  }
}
