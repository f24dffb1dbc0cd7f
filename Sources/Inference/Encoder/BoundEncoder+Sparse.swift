import Tabular

/// Encoded rows of which only the entries that are not 0 are held, one row after the other.
package struct SparseEncoding: Sendable {
  /// Entries before each row, and in all: one more than rows.
  package private(set) var starts: [Int] = [0]
  /// Columns of the design, ascending within a row, and what they hold.
  package private(set) var columns: [Int32] = []
  package private(set) var values: [Double] = []

  package init() {}

  package var rowCount: Int { starts.count - 1 }

  package mutating func removeAll() {
    starts.removeLast(starts.count - 1)
    columns.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func append(_ column: Int, _ value: Double) {
    if value == 0 { return }
    columns.append(Int32(truncatingIfNeeded: column))
    values.append(value)
  }

  mutating func endRow() { starts.append(columns.count) }
}

extension BoundEncoder {
  /// Appends the rows at `positions` of a selection to `out`. The entries are those of the dense `encode` that are not 0,
  /// bit for bit, whatever rows are read along with them.
  ///
  /// Throws as `encode` does.
  package func encodeSparse(
    _ selection: RowSelection, _ positions: Range<Int>, into out: inout SparseEncoding
  ) throws(InferenceError) {
    var readers = sources.map(SparseReader.init)
    try selection.eachWindow(positions, longest: 8192) { (window, selected, _) throws(InferenceError) in
      for index in readers.indices { try readers[index].load(window, selected) }
      for row in selected ?? ArraySlice(window) {
        var first = 0
        for index in readers.indices {
          readers[index].append(row, row - window.lowerBound, from: first, to: &out)
          first += readers[index].width
        }
        out.endRow()
      }
      noteRead(window)
    }
  }
}

/// Reads the entries of one source, row by row.
private struct SparseReader {
  let width: Int
  private let source: BoundEncoder.Source
  /// Of a window: numbers of each row, or columns within the source, -1 for none.
  private var numbers: [Double] = []
  private var places: [Int32] = []
  private var hasher: TextHasher?

  init(_ source: BoundEncoder.Source) {
    self.source = source
    width = source.width
    if case .text(let feature, _) = source { hasher = TextHasher(feature) }
  }

  /// Reads what is needed of a window of rows at once. Numbers that are not selected need not be sound.
  mutating func load(_ window: Range<Int>, _ selected: ArraySlice<Int>?) throws(InferenceError) {
    switch source {
    case .number(let feature, let column):
      numbers = [Double](unsafeUninitializedCapacity: window.count) { buffer, count in
        column.readNumbers(window, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<window.count]))
        count = window.count
      }
      if let selected {
        for row in selected { try apply(feature, row - window.lowerBound, window) }
      } else {
        for index in numbers.indices { try apply(feature, index, window) }
      }
    case .oneHot(let levels, let column):
      places = [Int32](repeating: -1, count: window.count)
      levels.each(window, of: column) { places[$0] = Int32(truncatingIfNeeded: $1) }
    case .hash(let feature, let column, let ofCode):
      places = [Int32](repeating: -1, count: window.count)
      if column.type == .category {
        places.withUnsafeMutableBufferPointer { column.readCodes(window, into: $0) }
        for index in places.indices where places[index] >= 0 { places[index] = ofCode[Int(places[index])] }
      } else {
        for row in window {
          if let text = column.text(row) { places[row - window.lowerBound] = feature.bucket(of: text.utf8) }
        }
      }
    case .nothing(.number(let feature)):
      numbers = [Double](repeating: .nan, count: window.count)
      for index in numbers.indices { try apply(feature, index, window) }
    case .indicator, .nothing, .text, .sparse: break
    }
  }

  private mutating func apply(_ feature: NumberFeature, _ index: Int, _ window: Range<Int>) throws(InferenceError) {
    let type: ColumnType = if case .number(_, let column) = source { column.type } else { .number }
    try numbers.withUnsafeMutableBufferPointer { buffer in
      Result { () throws(InferenceError) in
        try feature.apply(
          to: UnsafeMutableBufferPointer(rebasing: buffer[index..<index + 1]), of: type
        ) { _ in window.lowerBound + index }
      }
    }.get()
  }

  /// Appends the entries of a row, which is the `index`th of the window.
  mutating func append(_ row: Int, _ index: Int, from first: Int, to out: inout SparseEncoding) {
    switch source {
    case .number, .nothing(.number): out.append(first, numbers[index])
    case .indicator(let column): if column.isMissing(row) { out.append(first, 1) }
    case .oneHot, .hash: if places[index] >= 0 { out.append(first + Int(places[index]), 1) }
    case .text(_, let column):
      if let text = column.text(row) {
        hasher?.each(text.utf8) { bucket, value in out.append(first + Int(bucket), value) }
      }
    case .sparse(let places, _, let column):
      column.eachSparseRow(row..<row + 1) { _, indices, numbers in
        for entry in indices.indices {
          if let place = places.place(of: indices[entry]) { out.append(first + place, numbers[entry]) }
        }
      }
    case .nothing(let feature):
      let place = LevelColumns(feature).ofMissing
      if place >= 0 { out.append(first + place, 1) }
    }
  }
}

/// Where the indices of a sparse column go.
struct IndexPlaces: Sendable {
  /// By index, -1 for none; empty where the largest index is too large for that.
  private let table: [Int32]
  private let indices: [Int32]

  init(_ indices: [Int32]) {
    let largest = Int(indices.last ?? -1)
    self.indices = indices
    guard largest < 1 << 24 else {
      table = []
      return
    }
    var table = [Int32](repeating: -1, count: largest + 1)
    for (place, index) in indices.enumerated() { table[Int(index)] = Int32(place) }
    self.table = table
  }

  @inline(__always)
  func place(of index: Int32) -> Int? {
    if !table.isEmpty {
      guard index >= 0, Int(index) < table.count else { return nil }
      let place = table[Int(index)]
      return place < 0 ? nil : Int(place)
    }
    var low = 0
    var high = indices.count
    while low < high {
      let middle = (low + high) / 2
      if indices[middle] < index { low = middle + 1 } else { high = middle }
    }
    return low < indices.count && indices[low] == index ? low : nil
  }
}
