import Basics
import Statistics
import Tabular

/// The rows of a column that count, ascending and as bits. Spans that are looked at begin at multiples of 8.
struct SelectedRows: Sendable {
  let rows: [Int]
  let mask: RowMask

  init(_ rows: [Int], of rowCount: Int) {
    self.rows = rows
    mask = RowMask(rows, of: rowCount)
  }

  func count(in span: Range<Int>) -> Int { mask.rank(of: span.upperBound) - mask.rank(of: span.lowerBound) }
}

/// The rows of a group, in blocks that fit the nearest cache.
struct RowBlocks {
  private let span: Range<Int>
  private let selection: SelectedRows?
  /// Rows of a block.
  static let size = 2048

  /// `selection` is the rows of the column that count; all when nil.
  init(_ span: Range<Int>, _ selection: SelectedRows? = nil) {
    self.span = span
    self.selection = selection
  }

  /// The rows of a block, whose values lie in a buffer in that order.
  struct Block {
    /// The rows of the column.
    var rows: Range<Int>
    /// Those that count; nil for all.
    fileprivate var selection: ArraySlice<Int>?
    /// Places of the values where some are missing.
    private var present: [Int]?

    init(rows: Range<Int>, selection: ArraySlice<Int>? = nil) {
      self.rows = rows
      self.selection = selection
    }

    /// Places within `rows` of the values, ascending; nil for all.
    var places: [Int]? { present ?? selection.map { $0.map { $0 - rows.lowerBound } } }

    /// Moves the values that are not NaN to the front and returns how many they are; with `keepsPlaces`, remembers where they
    /// come from.
    fileprivate mutating func compact(_ values: UnsafeMutableBufferPointer<Double>, keepsPlaces: Bool) -> Int {
      if keepsPlaces, values.contains(where: \.isNaN) {
        let places = places ?? Array(values.indices)
        present = values.indices.filter { !values[$0].isNaN }.map { places[$0] }
      }
      var next = 0
      for index in values.indices {
        let value = values[index]
        values[next] = value
        next += value == value ? 1 : 0
      }
      return next
    }
  }

  /// Calls `body` with the numbers of each block that are not missing, and the block; its places are those of the numbers
  /// only with `keepsPlaces`.
  func eachNumbers(
    of column: Column, keepsPlaces: Bool, _ cancellation: Cancellation,
    _ body: (UnsafeBufferPointer<Double>, Block) -> Void
  ) throws {
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.size) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return }
      try eachBlock { rows in
        var block = rows
        try cancellation.check()
        let inPlace = column.numbersInPlace(block.rows)
        if block.selection == nil, let inPlace {
          return withExtendedLifetime(column) {
            body(UnsafeBufferPointer(start: inPlace, count: block.rows.count), block)
          }
        }
        var values = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows.count])
        if inPlace == nil { column.readNumbers(block.rows, into: values) }
        if let selection {
          let count = withExtendedLifetime(column) {
            selection.mask.pick(block.rows, from: inPlace ?? UnsafePointer(start), into: start)
          }
          values = UnsafeMutableBufferPointer(rebasing: values[..<count])
        }
        if column.missingCount > 0 {
          values = UnsafeMutableBufferPointer(
            rebasing: values[..<block.compact(values, keepsPlaces: keepsPlaces)])
        }
        body(UnsafeBufferPointer(values), block)
      }
    }
  }

  func eachCodes(
    of column: Column, _ cancellation: Cancellation, _ body: (UnsafeBufferPointer<Int32>, Block) -> Void
  ) throws {
    try withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.size) { buffer in
      buffer.initialize(repeating: 0)
      try eachBlock { block in
        try cancellation.check()
        let codes = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows.count])
        if column.dictionary.isEmpty {
          column.readStoredCodes(block.rows, into: codes)
        } else {
          column.readCodes(block.rows, into: codes)
        }
        var count = codes.count
        if let selection = block.selection {
          for (index, row) in selection.enumerated() { codes[index] = codes[row - block.rows.lowerBound] }
          count = selection.count
        }
        body(UnsafeBufferPointer(rebasing: codes[..<count]), block)
      }
    }
  }

  /// Calls `body` with the rows in runs, for what is read row by row.
  func eachRun(_ body: (Range<Int>) throws -> Void) rethrows {
    try eachBlock { block in
      guard let selection = block.selection else { return try body(block.rows) }
      for row in selection { try body(row..<row + 1) }
    }
  }

  /// Calls `body` with each block that has rows that count.
  private func eachBlock(_ body: (Block) throws -> Void) rethrows {
    for start in stride(from: span.lowerBound, to: span.upperBound, by: Self.size) {
      let rows = start..<min(span.upperBound, start + Self.size)
      guard let selection else {
        try body(Block(rows: rows))
        continue
      }
      let mask = selection.mask
      let selected = selection.rows[mask.rank(of: rows.lowerBound)..<mask.rank(of: rows.upperBound)]
      if !selected.isEmpty { try body(Block(rows: rows, selection: selected)) }
    }
  }
}
