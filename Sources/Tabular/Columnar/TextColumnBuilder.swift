/// Collects a column of strings: as codes into a dictionary as long as one dictionary says all of them, as text otherwise.
///
/// Rows must come in rising order.
final class TextColumnBuilder {
  private let rowCount: Int
  private var codes: SegmentBuffer?
  private var levels: SegmentBuffer?
  private var texts: SegmentBuffer?

  /// The most text of one column that is held at once.
  private static let mostBytes = 1 << 30

  init(rowCount: Int) { self.rowCount = rowCount }

  /// Whether a dictionary is worth being passed on: it is looked at once for each batch.
  static func keeps(levels count: Int, rowCount: Int) -> Bool { count <= max(1024, rowCount / 4) }

  /// Whether codes into this dictionary can still be taken as such.
  func takes(codesInto levels: SegmentBuffer) -> Bool { texts == nil && (self.levels == nil || self.levels === levels) }

  /// A code into `levels`, which must be the same for all codes.
  func set(_ row: Int, code: Int32, of levels: SegmentBuffer) {
    let codes = self.codes ?? SegmentBuffer(.category, rowCount: rowCount)
    (self.codes, self.levels) = (codes, levels)
    codes.set(row, int32: code)
  }

  /// The bytes must be UTF-8.
  func set(_ row: Int, text: UnsafeRawBufferPointer) throws(ColumnarProblem) {
    let texts = texts ?? spelledOut()
    guard texts.byteCount + text.count <= Self.mostBytes else {
      throw .tooLarge("\(rowCount) rows take more than 1 GiB of text", column: nil)
    }
    texts.set(
      row, text: UnsafeBufferPointer(start: text.baseAddress?.assumingMemoryBound(to: UInt8.self), count: text.count))
  }

  func set(_ row: Int, text: String) throws(ColumnarProblem) {
    var text = text
    try text.withUTF8 { bytes in
      Result { () throws(ColumnarProblem) in try set(row, text: UnsafeRawBufferPointer(bytes)) }
    }.get()
  }

  /// The rows so far as text.
  private func spelledOut() -> SegmentBuffer {
    let texts = SegmentBuffer(.text, rowCount: rowCount)
    if let codes, let levels {
      let (segment, spelling) = (codes.segment, levels.segment)
      for row in 0..<rowCount where !segment.isMissing(row) {
        texts.set(row, text: spelling.text(Int(segment.int32(row))))
      }
    }
    (self.texts, self.codes, self.levels) = (texts, nil, nil)
    return texts
  }

  func finish() -> TypedColumn {
    if let codes { return TypedColumn(codes, levels: levels) }
    return TypedColumn(texts ?? SegmentBuffer(.text, rowCount: rowCount))
  }
}
