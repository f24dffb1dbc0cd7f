import Basics
import Glibc
import Learning

/// A NumPy file of doubles, rows × columns in C order, turned into columns; the last one is the target.
final class NumpyMatrix: @unchecked Sendable {
  let path: String
  let rowCount: Int
  let columnCount: Int
  let columns: UnsafeMutablePointer<Double>

  init(_ path: String) throws {
    self.path = path
    let file = try MappedFile(path)
    let headerSize = 10 + Int(file.bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
    let header = String(decoding: file.bytes[10..<headerSize], as: UTF8.self)
    let shape = header.split(separator: "(").last.map { $0.prefix { $0 != ")" } } ?? ""
    let sizes = shape.split(separator: ",").compactMap { Int($0.filter { $0.isNumber }) }
    precondition(sizes.count == 2, "expected a matrix")
    let (rows, columns) = (sizes[0], sizes[1])
    rowCount = rows
    columnCount = columns
    let address = mmap(nil, rows * columns * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let storage = address, storage != MAP_FAILED, let base = file.bytes.baseAddress else {
      preconditionFailure("no memory for \(path)")
    }
    madvise(storage, rows * columns * 8, Int32(MADV_HUGEPAGE))
    self.columns = storage.bindMemory(to: Double.self, capacity: rows * columns)
    let values = base + headerSize
    for start in stride(from: 0, to: rows, by: 512) {
      let end = min(rows, start + 512)
      for column in 0..<columns {
        for row in start..<end {
          self.columns[column * rows + row] = values.loadUnaligned(
            fromByteOffset: (row * columns + column) * 8, as: Double.self)
        }
      }
    }
  }
}

/// The matrix as the solvers read it.
struct NumpyDesign: DesignSource {
  let matrix: NumpyMatrix
  var targets: [Double]?

  var rowCount: Int { matrix.rowCount }
  var columnCount: Int { matrix.columnCount - 1 }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    guard let start = out.baseAddress else { return }
    for column in 0..<columnCount {
      (start + column * leadingDimension).update(
        from: matrix.columns + column * rowCount + rows.lowerBound, count: rows.count)
    }
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    if let targets {
      for row in rows { out[row - rows.lowerBound] = targets[row] }
    } else {
      out.baseAddress?.update(from: matrix.columns + columnCount * rowCount + rows.lowerBound, count: rows.count)
    }
  }
}
