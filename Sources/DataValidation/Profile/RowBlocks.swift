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

    /// Moves the values that are not NaN to the front; returns how many there are, and remembers where they come from.
    mutating func compact(_ values: UnsafeMutableBufferPointer<Double>) -> Int {
      guard let first = values.firstIndex(where: \.isNaN) else { return values.count }
      var kept = Array(places?[..<first] ?? Array(0..<first)[...])
      var next = first
      for index in first..<values.count where !values[index].isNaN {
        values[next] = values[index]
        kept.append(places?[index] ?? index)
        next += 1
      }
      places = kept
      return next
    }
  }

  func eachNumbers(
    of column: Column, _ cancellation: Cancellation,
    _ body: (UnsafeMutableBufferPointer<Double>, inout Block) -> Void
  ) throws {
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.size) { buffer in
      buffer.initialize(repeating: 0)
      for var block in blocks {
        try cancellation.check()
        let values = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows.count])
        column.readNumbers(block.rows, into: values)
        if let places = block.places {
          for (index, place) in places.enumerated() { values[index] = values[place] }
          body(UnsafeMutableBufferPointer(rebasing: values[..<places.count]), &block)
        } else {
          body(values, &block)
        }
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
        column.readCodes(block.rows, into: codes)
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
