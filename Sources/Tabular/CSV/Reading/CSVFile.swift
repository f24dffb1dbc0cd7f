import Basics
import Diagnostics

/// The header of a CSV file, and how its rows are read.
struct CSVFile {
  let source: CSVSource
  private let header: CSVHeader
  /// The text from its start, as much as a first look takes.
  private let head: TextBuffer

  var names: [String] { header.names }

  /// Reads the header. Throws `CSVError` where there is none, or it does not fit what is declared.
  init(_ source: CSVSource) throws {
    self.source = source
    head = TextBuffer()
    var text = try source.text()
    var isAtEnd = false
    while true {
      while !isAtEnd, head.count < 1 << 18 {
        if try head.fill((1 << 18) - head.count, { try text.read(into: $0) }) == 0 { isAtEnd = true }
      }
      let hasHeader = CSVHeader.isWhole(head.bytes, source.format.dialect)
      if isAtEnd || hasHeader { break }
      if head.count > RecordFeeder.limit {
        throw CSVError(source.name, [.recordTooLong(Place(file: source.name, line: 1))])
      }
      let more = try head.fill(head.count) { try text.read(into: $0) }
      isAtEnd = more == 0
    }
    if head.count == 0 { throw CSVError(source.name, [.empty]) }
    header = try CSVHeader(Array(head.bytes), file: source.name, format: source.format)
    let problems = header.problems(source.format)
    if !problems.isEmpty { throw CSVError(source.name, problems) }
  }

  /// The plan for each column by what some records hold: the first ones and, of a large file, some further behind.
  func guess() throws -> [ColumnPlan] {
    let plans = names.enumerated().map {
      ColumnPlan($1, position: $0, declared: source.format.declared[$1])
    }
    var pilot = CSVPilot(plans, source.format)
    pilot.look(at: UnsafeBufferPointer(rebasing: head.bytes[min(head.count, header.byteCount)...]))
    for tenth in [3, 6, 9] where source.isPlain && source.size > 8 * head.count {
      let sample = TextBuffer()
      var text = try source.text(from: source.size / 10 * tenth)
      _ = try sample.fill(1 << 16) { try text.read(into: $0) }
      guard let start = sample.bytes.firstOffset(of: lineFeed, from: 0) else { continue }
      // With quotes nobody knows whether the sample begins within a quoted cell, whose text says nothing about columns.
      let quote = source.format.dialect.quote
      if quote != 0, sample.bytes.firstOffset(of: quote, from: 0) != nil { continue }
      pilot.look(at: UnsafeBufferPointer(rebasing: sample.bytes[(start + 1)...]))
    }
    return pilot.guess()
  }

  /// A reading of all rows; with `quarantines`, without those that cannot be rows, which `badRows` takes if it has not yet.
  func pass<Sink: GroupSink>(
    _ plans: [ColumnPlan], _ sink: Sink, quarantines: Bool = false, _ badRows: BadRowWriter? = nil,
    observation: TextPass<Sink, PieceReader>.Observation? = nil
  ) throws -> TextPass<Sink, PieceReader> {
    let rows = UnsafeBufferPointer(rebasing: head.bytes[min(head.count, header.byteCount)...])
    let feeder = RecordFeeder(
      try source.text(from: head.count), dialect: source.format.dialect, read: rows, offset: header.byteCount,
      line: header.lineCount, pieceSize: source.pieceSize, groupRows: ArrowFormat.rowsPerGroup(columns: names.count))
    let readers = (0..<source.threads).map {
      PieceReader(source.format, columnCount: names.count, number: $0, of: source.threads)
    }
    return TextPass(
      plans, columnCount: names.count, NumberDialect(source.format.dialect), feeder, readers, sink: sink,
      quarantines: quarantines, badRows: badRows, observation: observation, source.cancellation)
  }

  /// Throws `CSVError` with all that is wrong.
  func check(_ findings: PassFindings) throws {
    var problems = try findings.problems.list(findings.plans, columnCount: names.count, source)
    if findings.rowCount == 0, problems.isEmpty { problems.append(.noRows) }
    if !problems.isEmpty { throw CSVError(source.name, problems) }
  }

  /// What a person should know about the types.
  func notes(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) throws -> [Diagnostic] {
    var notes: [Diagnostic] = []
    if source.format.request != nil, let remark = source.format.dialect.remark(hasHeader: source.format.hasHeader) {
      notes.append(
        Diagnostic(severity: .note, "dialect", "read with \(remark)", at: Place(file: source.name)))
    }
    if header.looksLikeData { notes.append(.headerLooksLikeData(source.name)) }
    for (plan, evidence) in zip(plans, evidence) where plan.declared == nil {
      let remark = plan.mode == .nothing ? .empty : plan.mode.isString ? TypeInference.remark(evidence) : nil
      if let remark {
        notes.append(
          try remark.diagnostic(file: source.name, column: plan.name, type: plan.mode.type) { try source.place($0) })
      }
    }
    return notes
  }
}
