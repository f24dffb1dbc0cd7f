/// The rows of one column within one row group, laid out as Arrow lays them out, so that a mapped file and a table in
/// memory read alike.
///
/// The memory belongs to the owner that the `Column` keeps alive. Values of missing rows are zero.
///
/// | type | `values` | `bytes` |
/// |---|---|---|
/// | integer | `Int64` a row | |
/// | number | `Double` a row | |
/// | boolean | a bit a row, least significant first | |
/// | date | `Int32` a row, days since 1970-01-01 | |
/// | timestamp | `Int64` a row, microseconds since 1970-01-01T00:00:00Z | |
/// | category | `Int32` a row, code into the dictionary | |
/// | text | `Int64` offsets into `bytes`, one more than rows | UTF-8 |
/// | sparse | `Int64` offsets into `indices` and `numbers`, one more than rows | |
struct ColumnSegment: @unchecked Sendable {
  var rowCount: Int
  var missingCount: Int
  /// A bit a row, least significant first, 1 where a value is present; nil where none is missing.
  var validity: UnsafePointer<UInt8>?
  var values: UnsafeRawPointer
  var bytes: UnsafePointer<UInt8>?
  var byteCount = 0
  /// Of a sparse column, the index and the number of each entry.
  var indices: UnsafePointer<Int32>?
  var numbers: UnsafePointer<Double>?
  var entryCount = 0

  func isMissing(_ row: Int) -> Bool {
    guard let validity else { return false }
    return validity[row >> 3] & (1 << UInt8(row & 7)) == 0
  }

  /// An integer, or the microseconds of a timestamp.
  func integer(_ row: Int) -> Int64 { values.assumingMemoryBound(to: Int64.self)[row] }

  func number(_ row: Int) -> Double { values.assumingMemoryBound(to: Double.self)[row] }

  func boolean(_ row: Int) -> Bool {
    values.assumingMemoryBound(to: UInt8.self)[row >> 3] & (1 << UInt8(row & 7)) != 0
  }

  /// The days of a date or the code of a category.
  func int32(_ row: Int) -> Int32 { values.assumingMemoryBound(to: Int32.self)[row] }

  /// The bytes of a text; empty where the offsets of a damaged file point outside.
  func text(_ row: Int) -> UnsafeBufferPointer<UInt8> {
    let offsets = values.assumingMemoryBound(to: Int64.self)
    let (start, end) = (Int(offsets[row]), Int(offsets[row + 1]))
    guard let bytes, start >= 0, start <= end, end <= byteCount else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: bytes + start, count: end - start)
  }
}

extension ColumnSegment {
  /// The entries of a sparse row; none where the offsets of a damaged file point outside.
  func entries(_ row: Int) -> (indices: UnsafeBufferPointer<Int32>, numbers: UnsafeBufferPointer<Double>) {
    let offsets = values.assumingMemoryBound(to: Int64.self)
    let (start, end) = (Int(offsets[row]), Int(offsets[row + 1]))
    guard let indices, let numbers, start >= 0, start <= end, end <= entryCount else {
      return (UnsafeBufferPointer(start: nil, count: 0), UnsafeBufferPointer(start: nil, count: 0))
    }
    return (
      UnsafeBufferPointer(start: indices + start, count: end - start),
      UnsafeBufferPointer(start: numbers + start, count: end - start)
    )
  }
}
