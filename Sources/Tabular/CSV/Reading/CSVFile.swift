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
    var start = FirstRecord(source.format.dialect)
    while true {
      while !isAtEnd, head.count < 1 << 18 {
        if try head.fill((1 << 18) - head.count, { try text.read(into: $0) }) == 0 { isAtEnd = true }
      }
      let hasHeader = start.hasRecord(head.bytes)
      if isAtEnd || hasHeader { break }
      try source.cancellation.check()
      if head.count > RecordFeeder.limit {
        let line = head.bytes.lineBreaks(in: 0..<start.recordStart) + 1
        throw CSVError(
          source.name,
          [start.isBlank(head.bytes) ? .blankStart : .recordTooLong(Place(file: source.name, line: line))])
      }
      let more = try head.fill(min(head.count, 1 << 24)) { try text.read(into: $0) }
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
      line: header.lineCount, pieceSize: source.pieceSize, groupRows: ArrowFormat.rowsPerGroup(columns: names.count),
      source.cancellation)
    let readers = (0..<source.threads).map {
      PieceReader(source.format, columnCount: names.count, number: $0, of: source.threads)
    }
    return TextPass(
      plans, columnCount: names.count, NumberDialect(source.format.dialect), feeder, readers, sink: sink,
      quarantines: quarantines, badRows: badRows, observation: observation, source.cancellation)
  }

  /// Throws `CSVError` with all that is wrong. `rejected` counts the records that were left out by what is wrong with them.
  func check(_ findings: PassFindings, rejected: [String: Int] = [:]) throws {
    let reasons = badRowReasons(rejected)
    var problems = try findings.problems.list(findings.plans, columnCount: names.count, source)
    if findings.rowCount == 0, problems.isEmpty {
      if findings.rejected > 0 {
        problems.append(.nothingLeft(count: findings.rejected, reasons: reasons))
      } else if source.format.needsRows {
        problems.append(.noRows)
      }
    }
    if !problems.isEmpty { throw CSVError(source.name, problems) }
  }

  /// What a person should know about the types.
  func notes(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) throws -> [Diagnostic] {
    var notes: [Diagnostic] = []
    if let note = dialectNote(plans, evidence) { notes.append(note) }
    let isDoubtful = source.hints.map { $0.isHeaderGuessed && !$0.isHeaderSure } ?? false
    if source.format.hasHeader, source.hints?.isHeaderGuessed ?? true, header.looksLikeData || isDoubtful {
      notes.append(.headerLooksLikeData(source.name, all: header.looksLikeData))
    }
    notes += Diagnostic.renamedColumns(header.renamed)
    for (index, (plan, evidence)) in zip(plans, evidence).enumerated() where plan.declared == nil {
      if source.hints?.maybeNumbers.contains(index) ?? false, plan.mode.isString { notes.append(maybeNumbers(plan)) }
      if let first = evidence.firstSpaced, plan.mode.isString {
        notes.append(
          try TypeInference.Remark.spaced(count: evidence.spacedCount, first)
            .diagnostic(file: source.name, column: plan.name, type: plan.mode.type) { try source.place($0) })
      }
      let numbers = plan.remark(onNumbers: evidence)
      let remark =
        plan.mode == .nothing ? .empty : numbers ?? (plan.mode.isString ? TypeInference.remark(evidence) : nil)
      if let remark {
        notes.append(
          try remark.diagnostic(file: source.name, column: plan.name, type: plan.mode.type) { try source.place($0) })
      }
    }
    return notes
  }

  /// What is unusual in how the file is written, where the text told it, and which columns have numbers so written.
  private func dialectNote(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) -> Diagnostic? {
    let (dialect, hasHeader) = (source.format.dialect, source.format.hasHeader)
    guard let hints = source.hints, let remark = dialect.remark(hasHeader: hasHeader) else { return nil }
    var words = "read with \(remark)"
    if dialect.decimal != UInt8(ascii: ".") || dialect.thousands != 0 {
      let concerned = zip(plans, evidence).filter { plan, evidence in
        (plan.mode == .number || plan.mode == .integer)
          && evidence.count(CellClass.fractions + [.groupedOnce, .grouped]) > 0
      }
      let names = concerned.prefix(5).map { "'\($0.0.name)'" }.joined(separator: ", ")
      if !names.isEmpty { words += "; numbers so written: \(names)\(concerned.count > 5 ? ", …" : "")" }
    }
    let help = hasHeader || !hints.isHeaderGuessed ? [] : ["if the first line holds names, write 'header: true'"]
    return Diagnostic(severity: .note, "dialect", words, at: Place(file: source.name), help: help)
  }

  private func maybeNumbers(_ plan: ColumnPlan) -> Diagnostic {
    Diagnostic(
      severity: .note, "maybe-numbers",
      "column '\(plan.name)' holds digits with marks between them that could be numbers, and is kept as \(plan.mode.type)",
      at: Place(file: source.name), help: ["if they are, say what the marks are: 'decimal' or 'thousands'"])
  }
}

/// What records were left out for, the most frequent first, as a person is told it.
func badRowReasons(_ counts: [String: Int]) -> [String] {
  counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map { "\($0.value): \($0.key)" }
}

/// Looks for the end of the first record of a text that grows: behind blank lines and comments.
private struct FirstRecord {
  private let dialect: CSVDialect
  private var machine: RecordMachine
  private var at = 0
  /// Where the record begins, as far as the text is known.
  private(set) var recordStart = 0

  init(_ dialect: CSVDialect) {
    self.dialect = dialect
    machine = RecordMachine(dialect)
  }

  /// Whether the record ends in the text, which begins with what was looked at before, and more follows.
  mutating func hasRecord(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    while at + 1 < text.count {
      defer { at += 1 }
      guard machine.ends(text[at], before: text[at + 1]) else { continue }
      let line = UnsafeBufferPointer(rebasing: text[recordStart...at])
      let isComment = dialect.comment != 0 && line.first == dialect.comment
      let isBlank = line.allSatisfy { [lineFeed, carriageReturn, 0x20, 0x09].contains($0) }
      if !isComment, !isBlank { return at + 1 < text.count }
      recordStart = at + 1
    }
    return false
  }

  /// Whether nothing but blank lines came.
  func isBlank(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text[recordStart...].allSatisfy { [lineFeed, carriageReturn, 0x20, 0x09].contains($0) }
  }
}
