internal import Basics
import Synchronization

/// The rows of a sparse design as its solvers read them, again and again.
///
/// - Columns are numbered anew, the most frequent first, so that what is read and written most often lies together and
///   stays in the processor's nearest cache; columns that are 0 throughout have no number. Entries keep their order within
///   their row, so the new numbers change no sum over a row.
/// - Rows are cut into blocks of 1,024, and blocks into at most 16 groups of about equally many entries. Sums over rows are
///   taken in order within a group, then over the groups in order. The cuts depend on the data alone, so the bits do not
///   depend on threads.
/// - Blocks are kept when all of them fit into `memory`, and read from the source each time otherwise: with the same bits.
final class SparseRows: Sendable {
  static let rowsPerBlock = 1024

  let rowCount: Int
  /// Columns of the source.
  let columnCount: Int
  /// Columns with an entry: those that have a number here.
  let width: Int
  /// The source's column of each one here.
  let order: [Int32]
  let entryCount: Int
  /// Blocks of each group.
  let groups: [Range<Int>]

  private let source: any SparseDesignSource
  /// The number of each column of the source here, -1 for none.
  private let ranks: [Int32]
  private let kept: [SparseBlock]
  private let pool = Pool<SparseBlock> { SparseBlock(rows: SparseRows.rowsPerBlock, entries: 1 << 16) }

  var isKept: Bool { !kept.isEmpty }
  /// Bytes of the blocks that are kept.
  var keptBytes: Int { kept.reduce(0) { $0 + $1.byteCount } }
  var blockCount: Int { (rowCount + SparseRows.rowsPerBlock - 1) / SparseRows.rowsPerBlock }

  func rows(ofBlock index: Int) -> Range<Int> {
    index * SparseRows.rowsPerBlock..<min(rowCount, (index + 1) * SparseRows.rowsPerBlock)
  }

  /// Reads all rows once. Throws for an entry that is not finite.
  init(_ source: any SparseDesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    let (memory, threads) = (settings.memory, settings.threads)
    self.source = source
    rowCount = source.rowCount
    columnCount = source.columnCount
    let blockCount = (rowCount + SparseRows.rowsPerBlock - 1) / SparseRows.rowsPerBlock
    let reading = try Reading(source, blockCount: blockCount, memory: memory, threads: threads, cancellation)
    if let column = reading.badColumn { throw LearningError.nonFinite(column: settings.name(ofColumn: column)) }
    let counts = reading.counts
    entryCount = reading.entryCounts.reduce(0, +)
    let used = counts.indices.filter { counts[$0] > 0 }
    let order = used.sorted { (counts[$1], $0) < (counts[$0], $1) }.map { Int32($0) }
    self.order = order
    width = order.count
    var ranks = [Int32](repeating: -1, count: columnCount)
    for (rank, column) in order.enumerated() { ranks[Int(column)] = Int32(rank) }
    self.ranks = ranks
    let kept = reading.kept
    ranks.withUnsafeBufferPointer { ranks in
      guard let ranks = ranks.baseAddress else { return }
      nonisolated(unsafe) let numbers = ranks
      parallelFor(count: kept.count, threads: threads) { kept[$0].renumber(numbers) }
    }
    self.kept = kept
    groups = SparseRows.group(reading.entryCounts, width: order.count, outputs: settings.objective.outputs)
  }

  /// Calls `body` with the rows of a block. Any thread.
  func withBlock(_ index: Int, _ body: (SparseView) -> Void) {
    if isKept { return withExtendedLifetime(kept[index]) { body(SparseView(kept[index])) } }
    pool.lend { block in
      block.clear()
      source.readEntries(rows(ofBlock: index), into: block)
      ranks.withUnsafeBufferPointer { if let ranks = $0.baseAddress { block.renumber(ranks) } }
      body(SparseView(block))
    }
  }

  /// Cuts blocks into groups of about equally many entries: so many that a group has a dozen entries or more for each
  /// column, since each group has sums of its own for every column and output, and that those take no more than 512 MB.
  private static func group(_ entryCounts: [Int], width: Int, outputs: Int) -> [Range<Int>] {
    let total = entryCounts.reduce(0, +)
    let affordable = (1 << 25) / max(1, width * outputs)
    let count = max(1, min(16, entryCounts.count, total / max(1, 12 * width), affordable))
    var groups: [Range<Int>] = []
    var start = 0
    var sum = 0
    for (block, entries) in entryCounts.enumerated() {
      sum += entries
      let isLast = block == entryCounts.count - 1
      if isLast || groups.count < count - 1 && sum * count >= total * (groups.count + 1) {
        groups.append(start..<block + 1)
        start = block + 1
      }
    }
    return groups
  }
}

/// What the first reading of the rows finds.
private struct Reading {
  var counts: [Int]
  var entryCounts: [Int]
  /// All blocks, or none where they do not fit.
  var kept: [SparseBlock]
  /// The first column in the order of rows with an entry that is not finite.
  var badColumn: Int?

  init(
    _ source: any SparseDesignSource, blockCount: Int, memory: Int, threads: Int, _ cancellation: Cancellation
  ) throws {
    let columnCount = source.columnCount
    let blocks = OrderedResults<SparseBlock?>(count: blockCount)
    let sizes = OrderedResults<Int>(count: blockCount)
    let bytes = Atomic<Int>(0)
    let bad = Mutex<(block: Int, column: Int)?>(nil)
    // Counts are whole numbers: the order in which they are added does not matter.
    let counts = Mutex<[Counts]>([])
    let pool = Pool<SparseBlock> { SparseBlock(rows: SparseRows.rowsPerBlock, entries: 1 << 16) }
    try parallelFor(count: blockCount, threads: threads) { index in
      try cancellation.check()
      let rows = index * SparseRows.rowsPerBlock..<min(source.rowCount, (index + 1) * SparseRows.rowsPerBlock)
      let own = counts.withLock { $0.popLast() } ?? Counts(columnCount)
      pool.lend { block in
        block.clear()
        source.readEntries(rows, into: block)
        for entry in 0..<block.entryCount {
          let column = Int(block.columns[entry])
          own.counts[column] += 1
          if !block.values[entry].isFinite {
            bad.withLock { if $0 == nil || index < $0?.block ?? 0 { $0 = (index, column) } }
          }
        }
        sizes.store(block.entryCount, at: index)
        let all = bytes.add(block.byteCount, ordering: .relaxed).newValue
        blocks.store(all <= memory ? block.trimmed() : nil, at: index)
      }
      counts.withLock { $0.append(own) }
    }
    self.counts = [Int](repeating: 0, count: columnCount)
    for part in counts.withLock({ $0 }) {
      for column in 0..<columnCount { self.counts[column] += Int(part.counts[column]) }
    }
    entryCounts = sizes.values
    kept = bytes.load(ordering: .relaxed) <= memory ? blocks.values.compactMap { $0 } : []
    badColumn = bad.withLock { $0?.column }
  }

  private final class Counts: @unchecked Sendable {
    let counts: UnsafeMutablePointer<Int32>

    init(_ columnCount: Int) {
      counts = .allocate(capacity: max(1, columnCount))
      counts.initialize(repeating: 0, count: max(1, columnCount))
    }

    deinit { counts.deallocate() }
  }
}
