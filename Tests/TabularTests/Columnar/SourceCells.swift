import Basics

@testable import Tabular

/// All cells of a typed source as text, column by column.
func cells(of source: some TypedSource, columns: [Int]? = nil, threads: Int = 1) throws -> [[String?]] {
  let columns = columns ?? Array(source.fields.indices)
  var cells = columns.map { _ in [String?]() }
  try source.eachBatch(of: columns, threads: threads, cancellation: Cancellation()) { batch in
    for (index, column) in batch.columns.enumerated() {
      let levels = column.levels?.segment
      let dictionary = levels.map { levels in
        (0..<levels.rowCount).map { String(decoding: levels.text($0), as: UTF8.self) }
      }
      let type = dictionary == nil ? column.buffer.type : .category
      let read = Column(
        field: Field(name: "", type: type), dictionary: dictionary ?? [], segments: [column.buffer.segment],
        segmentRows: batch.rowCount, owners: [column.buffer])
      precondition(read.rowCount == batch.rowCount)
      cells[index] += (0..<batch.rowCount).map(read.text)
    }
  }
  return cells
}
