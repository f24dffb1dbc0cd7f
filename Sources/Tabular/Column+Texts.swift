extension Column {
  /// Calls `body` with the row and the UTF-8 of each text that is not missing, as it lies in memory. The type must be
  /// `text`.
  package func eachText(_ rows: Range<Int>, _ body: (_ row: Int, _ text: UnsafeBufferPointer<UInt8>) -> Void) {
    precondition(type == .text && rows.upperBound <= rowCount)
    withExtendedLifetime(owners) {
      for row in rows {
        let segment = segments[row / segmentRows]
        if !segment.isMissing(row % segmentRows) { body(row, segment.text(row % segmentRows)) }
      }
    }
  }
}
