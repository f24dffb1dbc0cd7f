import Basics
import Diagnostics

/// A CSV file that is being turned into a table.
final class CSVSource: Sendable {
  /// What messages call the file.
  let name: String
  let format: CSVFormat
  let threads: Int
  let cancellation: Cancellation
  private let path: String
  private let status: FileStatus
  /// Pieces of about so many bytes are read side by side; nothing depends on it.
  let pieceSize: Int

  init(
    _ path: String, named name: String? = nil, _ format: CSVFormat, threads: Int, pieceSize: Int = 1 << 19,
    _ cancellation: Cancellation
  ) throws {
    self.name = name ?? path
    self.path = path
    self.format = format
    self.threads = max(1, threads)
    self.pieceSize = pieceSize
    self.cancellation = cancellation
    status = try FileHandle(reading: path).status()
    guard status.kind == .file else { throw CSVError(self.name, [.notARegularFile]) }
  }

  /// Bytes of text, for progress.
  var size: Int { status.size }

  /// The text from `offset` on.
  func text(from offset: Int = 0) throws -> FileText { try FileText(path, offset: offset) }

  /// Throws when the file is not what it was when it was opened.
  func checkUnchanged() throws {
    if try FileHandle(reading: path).status() != status { throw CSVError(name, [.changedWhileRead]) }
  }

  /// SHA-256 of the file as it stands on the disk.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    var hasher = ContentHasher()
    let file = try FileHandle(reading: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      try cancellation.check()
      let count = try file.read(into: buffer)
      if count == 0 { return hasher.finish() }
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Line and column of an offset of the text that lies in a piece.
  func place(_ offset: Int, in piece: Piece) throws -> Place {
    let text = try bytes(piece.offset..<offset)
    return text.withUnsafeBufferPointer { $0.place(of: $0.count, file: name, line: piece.line) }
  }

  /// Line and column of a cell.
  func place(_ position: CellPosition) throws -> Place {
    let before = position.recordOffset - position.pieceOffset
    let text = try bytes(
      position.pieceOffset..<position.recordOffset + RecordFeeder<FileText>.limit, toRecordEnd: before)
    return text.withUnsafeBufferPointer { text in
      var tokenizer = CSVTokenizer(UnsafeBufferPointer(rebasing: text[before...]), format.dialect)
      var cells: [CellSpan] = []
      _ = try? tokenizer.nextRecord(into: &cells)
      let cell = position.column < cells.count ? cells[position.column].range.lowerBound : 0
      return text.place(of: before + cell, file: name, line: position.pieceLine)
    }
  }

  /// Some bytes of the text; only to the end of the record that begins at `toRecordEnd` of them, where that is given.
  private func bytes(_ range: Range<Int>, toRecordEnd start: Int? = nil) throws -> [UInt8] {
    var reading = try text(from: range.lowerBound)
    let buffer = TextBuffer()
    while buffer.count < range.count {
      let wanted = min(1 << 16, range.count - buffer.count)
      if try buffer.fill(wanted, { try reading.read(into: $0) }) == 0 { break }
      if let start, buffer.count > start {
        var machine = RecordMachine(format.dialect)
        let rest = buffer.bytes[start...]
        let hasEnd = rest.indices.dropLast().contains { machine.ends(rest[$0], before: rest[$0 + 1]) }
        if hasEnd { break }
      }
    }
    return Array(buffer.bytes)
  }
}

/// The bytes of a file from an offset on.
struct FileText: ByteReading, Sendable {
  private final class Open: Sendable {
    let file: FileHandle
    init(_ file: consuming FileHandle) { self.file = file }
  }

  private let open: Open
  private var offset: Int

  init(_ path: String, offset: Int) throws {
    open = Open(try FileHandle(reading: path))
    self.offset = offset
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try open.file.read(into: buffer, at: offset)
    offset += count
    return count
  }
}
