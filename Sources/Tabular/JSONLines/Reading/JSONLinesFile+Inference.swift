import Basics
import Diagnostics

extension JSONLinesFile {
  /// What a person should know about numbers.
  func notes(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) throws -> [Diagnostic] {
    try zip(plans, evidence).compactMap { plan, evidence in
      guard plan.declared == nil, let remark = plan.remark(onNumbers: evidence) else { return nil }
      return try remark.diagnostic(file: source.name, column: plan.name, type: plan.mode.type) {
        Place(file: source.name, line: try line(of: $0))
      }
    }
  }

  /// How the types of the columns came about; of those that were declared nothing. Looks at the file again where the values
  /// stand that made a type wider.
  func inferences(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) throws -> [ColumnInference] {
    try zip(plans, evidence).map { plan, evidence in
      var inference = ColumnInference(column: plan.name, type: plan.mode.type, steps: [])
      guard plan.declared == nil else { return inference }
      for change in evidence.widenings(to: plan.mode) {
        guard let text = try text(of: plan.name, at: change.position) else { continue }
        inference.steps.append(
          ColumnInference.Step(
            from: change.from == .nothing ? nil : change.from.type, to: change.to.type,
            line: try line(of: change.position), text: text))
      }
      return inference
    }
  }

  /// The line of a value, from 1.
  private func line(of position: CellPosition) throws -> Int {
    let before = try source.bytes(position.pieceOffset..<position.recordOffset)
    return position.pieceLine + before.count { $0 == lineFeed } + 1
  }

  /// What stands in a column of a line: its text, or the JSON of anything else.
  private func text(of name: String, at position: CellPosition) throws -> String? {
    let lines = TextBuffer()
    try source.line(from: position.recordOffset).withUnsafeBufferPointer { lines.append($0) }
    lines.append(lineFeed)
    let key = Array(name.utf8)
    // Kept as it is written, a list or an object could be no value of another type.
    for piece in JSONPieceParser.pieces(of: lines.bytes, verbatim: [key]) {
      guard let column = piece.rows.columns.first(where: { Array($0.name.utf8) == key }), let cells = column.cells
      else { continue }
      let segment = cells.buffer.segment
      if segment.isMissing(0) { return nil }
      if let levels = cells.levels {
        return String(decoding: levels.segment.text(Int(segment.int32(0))), as: UTF8.self)
      }
      return String(decoding: segment.text(0), as: UTF8.self)
    }
    return nil
  }
}

extension ColumnPlan {
  /// What there is to say of a column that holds integers which a double rounds, or did: `evidence` of it.
  func remark(onNumbers evidence: ColumnEvidence) -> TypeInference.Remark? {
    if let exactFrom { return .hugeIntegers(exactFrom) }
    if mode == .number, let (_, position) = evidence.first(CellClass.roundable) { return .rounded(position) }
    return nil
  }
}
