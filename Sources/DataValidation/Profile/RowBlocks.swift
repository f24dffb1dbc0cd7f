import Basics
import Tabular

/// The rows of a group, in blocks that fit the nearest cache.
struct RowBlocks {
  private let span: Range<Int>
  private let selection: ArraySlice<Int>?
  /// Rows of a block.
  static let size = 2048

  init(_ span: Range<Int>, _ selection: ArraySlice<Int>?) {
    self.span = span
    self.selection = selection
  }

  /// The rows of a block, whose values lie in a buffer in that order.
  struct Block {
    /// The rows of the column.
    var rows: Range<Int>
    /// Places within `rows` of the values, ascending; nil for all.
    var places: [Int]?

    /// Moves the values that are not NaN to the front and returns how many they are; with `keepsPlaces`, remembers where they
    /// come from.
    fileprivate mutating func compact(_ values: UnsafeMutableBufferPointer<Double>, keepsPlaces: Bool) -> Int {
      if keepsPlaces, values.contains(where: \.isNaN) {
        let places = places ?? Array(values.indices)
        self.places = values.indices.filter { !values[$0].isNaN }.map { places[$0] }
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
      for var block in blocks {
        try cancellation.check()
        if block.places == nil, let start = column.numbersInPlace(block.rows) {
          withExtendedLifetime(column) { body(UnsafeBufferPointer(start: start, count: block.rows.count), block) }
          continue
        }
        var values = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows.count])
        column.readNumbers(block.rows, into: values)
        if let places = block.places {
          for (index, place) in places.enumerated() { values[index] = values[place] }
          values = UnsafeMutableBufferPointer(rebasing: values[..<places.count])
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
      for block in blocks {
        try cancellation.check()
        let codes = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows.count])
        if column.dictionary.isEmpty {
          column.readStoredCodes(block.rows, into: codes)
        } else {
          column.readCodes(block.rows, into: codes)
        }
        var count = codes.count
        if let places = block.places {
          for (index, place) in places.enumerated() { codes[index] = codes[place] }
          count = places.count
        }
        body(UnsafeBufferPointer(rebasing: codes[..<count]), block)
      }
    }
  }

  /// The rows in runs, for what is read row by row.
  var spans: [Range<Int>] {
    blocks.flatMap { block in
      block.places.map { $0.map { block.rows.lowerBound + $0..<block.rows.lowerBound + $0 + 1 } } ?? [block.rows]
    }
  }

  private var blocks: [Block] {
    var blocks: [Block] = []
    var next = selection?.startIndex ?? 0
    for start in stride(from: span.lowerBound, to: span.upperBound, by: Self.size) {
      let rows = start..<min(span.upperBound, start + Self.size)
      guard let selection else {
        blocks.append(Block(rows: rows))
        continue
      }
      var places: [Int] = []
      while next < selection.endIndex, selection[next] < rows.upperBound {
        places.append(selection[next] - start)
        next += 1
      }
      if !places.isEmpty { blocks.append(Block(rows: rows, places: places)) }
    }
    return blocks
  }
}
