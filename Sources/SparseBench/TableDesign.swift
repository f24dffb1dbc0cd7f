import Learning
import Tabular

/// The sparse column of a table as a design, its indices as columns, read where it is mapped; a label above 0 is class 1.
struct TableDesign: SparseDesignSource {
  private let features: Column
  private let targets: [Double]
  let columnCount: Int

  var rowCount: Int { targets.count }

  init(_ table: Table) throws {
    features = table.column(1)
    var labels = [Double](repeating: 0, count: table.rowCount)
    labels.withUnsafeMutableBufferPointer { table.column(0).readNumbers(0..<table.rowCount, into: $0) }
    targets = labels.map { $0 > 0 ? 1 : 0 }
    var largest: Int32 = -1
    features.eachSparseRow(0..<table.rowCount) { _, indices, _ in
      if let last = indices.last { largest = max(largest, last) }
    }
    columnCount = Int(largest) + 1
  }

  func readEntries(_ rows: Range<Int>, into block: SparseBlock) {
    features.eachSparseRow(rows) { _, indices, numbers in block.append(columns: indices, values: numbers) }
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = targets[row] }
  }
}
