import Basics
import Synchronization

/// One reading of a text file, row group after row group, into a sink. Used by one thread, which lets others help.
///
/// Threads take pieces of a group side by side; the group before is written meanwhile. Which thread reads what decides
/// nothing: cells stand by their rows, counts add up, and codes of levels are put in order at the end.
final class TextPass<Sink: GroupSink, Reader: GroupReader> {
  private(set) var findings: PassFindings
  private let cancellation: Cancellation
  private let feeder: Mutex<RecordFeeder>
  private let sink: Sink
  let readers: [Reader]
  private let groupRows: Int
  private var packer: RowPacker?
  /// Whether records that cannot be rows are left out; `badRows` takes them, unless it has them already.
  private let quarantines: Bool
  private let badRows: BadRowWriter?
  /// Looks at the groups of columns that are not to be read again; it knows them by these positions.
  private let observation: Observation?
  /// Rows handed to the sink.
  private var storedRows = 0
  private var pending: FinishedGroup?
  /// Memory of groups that are written.
  private var free: [[GroupColumn]] = []

  /// A group that waits to be written.
  private struct FinishedGroup: Sendable {
    var rowCount: Int
    var columns: [GroupColumn]
    var segments: [ColumnSegment]
    var fields: [Field]
    /// The columns that are what they were thought to be so far.
    var sound: [Int]
  }

  /// Who looks at the groups, and where the columns that are read stand in the table.
  struct Observation {
    var observer: any RowGroupObserver
    var positions: [Int]
  }

  /// Reads the columns of `plans`, on as many threads as there are readers; records have `columnCount` cells.
  init(
    _ plans: [ColumnPlan], columnCount: Int, _ numbers: NumberDialect?, _ feeder: RecordFeeder, _ readers: [Reader],
    sink: Sink, quarantines: Bool, badRows: BadRowWriter?, observation: Observation?, _ cancellation: Cancellation
  ) {
    self.readers = readers
    self.cancellation = cancellation
    self.quarantines = quarantines
    self.badRows = badRows
    self.observation = observation
    observation?.observer.begin(zip(observation?.positions ?? [], plans).map { (position: $0, field: $1.field) })
    self.feeder = Mutex(feeder)
    self.sink = sink
    groupRows = ArrowFormat.rowsPerGroup(columns: columnCount)
    findings = PassFindings(plans, numbers, quarantines: quarantines)
  }

  /// Reads all rows. Stops where nothing more can be told apart.
  func run(progress: (_ bytes: Int) throws -> Void) throws {
    var isDone = false
    while !isDone, !findings.problems.isFatal {
      let columns = try readGroup()
      let outcomes = readers.flatMap(\.outcomes).sorted { $0.piece.offset < $1.piece.offset }
      let state = feeder.withLock { (isDone: $0.isDone, consumed: $0.consumed) }
      isDone = state.isDone
      try merge(outcomes, columns, isLast: isDone)
      try progress(state.consumed)
    }
    if var rest = packer {
      packer = nil
      try rest.finish { try store($0, $1) }
    }
    try writePending()
    for (index, plan) in findings.plans.enumerated() where plan.mode == .category && !plan.isWidened {
      let (levels, positions) = plan.levels.sorted()
      try sink.setDictionary(levels, positions: positions, of: index)
      observation?.observer.settle(levels, positions: positions, at: observation?.positions[index] ?? index)
    }
  }

  /// Reads the pieces of the next group, and writes the one before.
  private func readGroup() throws -> [GroupColumn] {
    let plans = findings.plans
    let columns = free.popLast() ?? GroupColumn.group(columnCount: plans.count, capacity: groupRows)
    for (column, plan) in zip(columns, plans) { column.begin(plan.mode) }
    feeder.withLock { $0.beginGroup() }
    for reader in readers { reader.begin(plans, columns) }
    let waiting = pending.take()
    nonisolated(unsafe) let me = self
    let looks = observation == nil ? 0 : waiting?.sound.count ?? 0
    try parallelFor(count: 1 + looks + readers.count, threads: readers.count) { task in
      if task > looks { return try me.readPieces(me.readers[task - looks - 1]) }
      guard let waiting else { return }
      if task == 0 { try me.write(waiting) } else { try me.show(waiting, waiting.sound[task - 1]) }
    }
    if let waiting { retire(waiting) }
    return columns
  }

  private func readPieces(_ reader: Reader) throws {
    while let piece = try feeder.withLock({ try $0.next(into: reader.text) }) {
      try cancellation.check()
      reader.read(piece)
    }
  }

  private func write(_ group: FinishedGroup) throws {
    try sink.write(rowCount: group.rowCount, group.segments, owners: group.columns)
  }

  /// Lets the observer look at a column of a group.
  private func show(_ group: FinishedGroup, _ index: Int) throws {
    try observation?.observer.observe(
      group.fields[index], group.segments[index], [group.columns[index]], at: observation?.positions[index] ?? index,
      firstRow: storedRows)
  }

  /// Counts a group that is written, and takes its memory back.
  private func retire(_ group: FinishedGroup) {
    storedRows += group.rowCount
    if !Sink.keepsMemory { free.append(group.columns) }
  }

  private func writePending() throws {
    guard let group = pending.take() else { return }
    nonisolated(unsafe) let me = self
    try parallelFor(count: 1 + (observation == nil ? 0 : group.sound.count), threads: readers.count) { task in
      if task == 0 { try me.write(group) } else { try me.show(group, group.sound[task - 1]) }
    }
    retire(group)
  }

  private func store(_ rowCount: Int, _ buffers: [SegmentBuffer]) throws {
    try writePending()
    let segments = buffers.map { $0.segment(rows: rowCount) }
    try sink.write(rowCount: rowCount, segments, owners: buffers)
    for index in findings.plans.indices where !findings.plans[index].isWidened {
      try observation?.observer.observe(
        findings.plans[index].field, segments[index], [buffers[index]], at: observation?.positions[index] ?? index,
        firstRow: storedRows)
    }
    storedRows += rowCount
  }

  /// Puts together what the readers found in a group, and hands its rows on.
  private func merge(_ outcomes: [PieceOutcome], _ columns: [GroupColumn], isLast: Bool) throws {
    let rows = outcomes.map { $0.piece.firstRow + $0.piece.recordCount }.max() ?? 0
    let types = findings.plans.map(\.mode.type)
    findings.merge(readers.map(\.tallies), columns, rowCount: rows)
    for outcome in outcomes {
      for rejection in outcome.rejected { try take(rejection) }
    }
    let ranges = outcomes.flatMap(\.keptRows)
    let kept = ranges.reduce(0) { $0 + $1.count }
    findings.rowCount += kept
    if kept == 0 || findings.problems.areFound { return free.append(columns) }
    parallelFor(count: columns.count, threads: readers.count) { columns[$0].finish(rowCount: rows) }
    if packer == nil, Self.areDense(ranges), kept == groupRows || isLast {
      try writePending()
      pending = FinishedGroup(
        rowCount: kept, columns: columns, segments: columns.map { $0.segment(rowCount: kept) },
        fields: findings.plans.map(\.field), sound: findings.plans.indices.filter { !findings.plans[$0].isWidened })
    } else {
      var packer = packer.take() ?? RowPacker(groupRows: groupRows)
      try packer.add(columns.map { $0.segment(rowCount: rows) }, types, ranges) { try store($0, $1) }
      self.packer = packer
      free.append(columns)
    }
  }

  /// Whether no row is left out before the last one that is kept.
  private static func areDense(_ ranges: [Range<Int>]) -> Bool {
    ranges.first?.lowerBound == 0 && zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
  }

  private func take(_ rejection: Rejection) throws {
    findings.rejected += 1
    // That a quote is not closed leaves nothing to go on with.
    if quarantines, rejection.reason != .flaw(.unclosedQuote) {
      try badRows?.add(rejection)
    } else {
      findings.problems.add(rejection)
    }
  }
}
