internal import Basics

/// The entries of sparse rows by column (CSC), rows ascending, for solvers that go column by column. Columns are those of
/// `SparseRows`.
///
/// All of them are held where 12 bytes an entry fit into a budget. Otherwise the columns that are visited are, when those fit,
/// and else as many of them at a time as do, which costs a reading of the rows each. A column's entries, and so all sums over
/// them, are the same in every case.
final class SparseColumns: @unchecked Sendable {
  private let source: SparseRows
  private let cancellation: Cancellation
  private let capacity: Int
  /// By column: entries, where its own begin and end while it is held, and whether the next reading wants it.
  private let counts: [Int]
  private let starts: UnsafeMutablePointer<Int>
  private let ends: UnsafeMutablePointer<Int>
  private var isWanted: [Bool]
  private let rows: UnsafeMutablePointer<Int32>
  private let values: UnsafeMutablePointer<Double>
  /// Columns that are held.
  private var held: [Int] = []
  private let holdsAll: Bool
  /// By column: an earlier one with the same entries, -1 for none; empty unless asked for.
  private(set) var twins: [Int] = []

  /// What is used even of a smaller budget.
  static let leastBytes = 16 << 20

  /// `bytes` is what entries may take; a single column may take more.
  init(_ source: SparseRows, bytes: Int, findsTwins: Bool = false, cancellation: Cancellation) throws {
    self.source = source
    self.cancellation = cancellation
    let width = source.width
    var counts = [Int](repeating: 0, count: width)
    for block in 0..<source.blockCount {
      try cancellation.check()
      source.withBlock(block) { view in
        for entry in 0..<view.starts[view.rowCount] { counts[Int(view.columns[entry])] += 1 }
      }
    }
    self.counts = counts
    holdsAll = source.entryCount <= bytes / 12
    capacity = max(1, counts.max() ?? 0, min(source.entryCount, bytes / 12))
    starts = .allocate(capacity: max(1, width))
    ends = .allocate(capacity: max(1, width))
    isWanted = [Bool](repeating: false, count: width)
    rows = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
    if holdsAll { try hold(Array(0..<width)) }
    if findsTwins { try findTwins() }
  }

  /// Columns of as many entries with the same sum of their hashes are compared entry by entry.
  private func findTwins() throws {
    twins = [Int](repeating: -1, count: counts.count)
    var hashes = [UInt64](repeating: 0, count: counts.count)
    for block in 0..<source.blockCount {
      try cancellation.check()
      let first = source.rows(ofBlock: block).lowerBound
      source.withBlock(block) { view in
        for row in 0..<view.rowCount {
          let own = UInt64(first + row) &* 0x9E37_79B9_7F4A_7C15
          for entry in view.starts[row]..<view.starts[row + 1] {
            var mixed = (own ^ view.values[entry].bitPattern) &* 0xD6E8_FEB8_6659_FD93
            mixed ^= mixed >> 32
            hashes[Int(view.columns[entry])] &+= mixed &* 0xD6E8_FEB8_6659_FD93
          }
        }
      }
    }
    let order = counts.indices.sorted { (counts[$0], hashes[$0], $0) < (counts[$1], hashes[$1], $1) }
    var suspects: [Int: Int] = [:]
    for (place, column) in order.enumerated().dropFirst() {
      let before = order[place - 1]
      guard counts[before] == counts[column], hashes[before] == hashes[column] else { continue }
      suspects[column] = suspects[before] ?? before
    }
    guard !suspects.isEmpty else { return }
    var entries: [Int: [(Int, Double)]] = [:]
    let firsts = Set(suspects.values)
    try visit((Array(firsts) + suspects.keys).sorted()) { column in
      var own: [(Int, Double)] = []
      eachEntry(column) { own.append(($0, $1)) }
      if firsts.contains(column) {
        entries[column] = own
      } else if let first = suspects[column], let theirs = entries[first],
        theirs.elementsEqual(own, by: { $0 == $1 })
      {
        twins[column] = first
      }
    }
  }

  deinit {
    starts.deallocate()
    ends.deallocate()
    rows.deallocate()
    values.deallocate()
  }

  /// Calls `body` with each of some columns, which ascend, while its entries are held.
  func visit(_ columns: [Int], _ body: (Int) -> Void) throws {
    if holdsAll {
      for column in columns { body(column) }
      return
    }
    var first = 0
    while first < columns.count {
      var end = first
      var entries = 0
      while end < columns.count, entries + counts[columns[end]] <= capacity {
        entries += counts[columns[end]]
        end += 1
      }
      let group = Array(columns[first..<end])
      if group != held { try hold(group) }
      for column in group { body(column) }
      first = end
    }
  }

  /// Reads the entries of some columns.
  private func hold(_ columns: [Int]) throws {
    for column in held { isWanted[column] = false }
    held = columns
    var place = 0
    for column in columns {
      isWanted[column] = true
      (starts[column], ends[column]) = (place, place)
      place += counts[column]
    }
    for block in 0..<source.blockCount {
      try cancellation.check()
      let first = source.rows(ofBlock: block).lowerBound
      source.withBlock(block) { view in
        for row in 0..<view.rowCount {
          for entry in view.starts[row]..<view.starts[row + 1] {
            let column = Int(view.columns[entry])
            guard isWanted[column] else { continue }
            rows[ends[column]] = Int32(truncatingIfNeeded: first + row)
            values[ends[column]] = view.values[entry]
            ends[column] += 1
          }
        }
      }
    }
  }

  /// Σ value · vector[row] over a column that is held.
  @inline(__always)
  func product(_ column: Int, _ vector: UnsafePointer<Double>) -> Double {
    var first = 0.0
    var second = 0.0
    var at = starts[column]
    let end = ends[column]
    while at &+ 2 <= end {
      first += values[at] * vector[Int(rows[at])]
      second += values[at &+ 1] * vector[Int(rows[at &+ 1])]
      at = at &+ 2
    }
    if at < end { first += values[at] * vector[Int(rows[at])] }
    return first + second
  }

  /// vector[row] += factor · scale[row] · value over a column that is held.
  @inline(__always)
  func add(_ column: Int, _ factor: Double, scale: UnsafePointer<Double>, to vector: UnsafeMutablePointer<Double>) {
    var at = starts[column]
    let end = ends[column]
    while at < end {
      let row = Int(rows[at])
      vector[row] += factor * scale[row] * values[at]
      at = at &+ 1
    }
  }

  /// Calls `body` with the row and value of each entry of a column that is held.
  @inline(__always)
  func eachEntry(_ column: Int, _ body: (Int, Double) -> Void) {
    for at in starts[column]..<ends[column] { body(Int(rows[at]), values[at]) }
  }
}
