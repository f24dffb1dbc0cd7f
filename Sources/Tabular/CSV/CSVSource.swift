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
  private let bytes: ByteSource
  private let encoding: TextEncoding
  /// What there is to say of how the text was told to be written, where it was.
  let hints: DialectHints?
  /// Pieces of about so many bytes are read side by side; nothing depends on it.
  let pieceSize: Int

  init(
    _ path: String, named name: String? = nil, _ format: CSVFormat, threads: Int, pieceSize: Int = 1 << 19,
    _ cancellation: Cancellation
  ) throws {
    self.name = name ?? path
    self.path = path
    self.threads = max(1, threads)
    self.pieceSize = pieceSize
    self.cancellation = cancellation
    status = try FileHandle(reading: path).status()
    guard status.kind == .file else { throw CSVError(self.name, [.notARegularFile]) }
    bytes = try ByteSource(path)
    encoding = try format.encoding ?? CSVSource.encoding(bytes)
    (self.format, hints) = try format.sniffed(SourceText(bytes, encoding, from: 0, cancellation))
  }

  /// Where nobody says what it is: UTF-16 by its byte order mark, else UTF-8.
  private static func encoding(_ bytes: ByteSource) throws -> TextEncoding {
    var head = [UInt8](repeating: 0, count: 4)
    let stream = try bytes.open(ahead: false)
    let count = try head.withUnsafeMutableBytes { try stream.fill($0) }
    return TextEncoding(byteOrderMark: Array(head[..<count])) ?? .utf8
  }

  /// Bytes of the file as it is stored.
  var size: Int { status.size }

  /// Whether the text is the bytes of the file as they are, so that it can be looked at anywhere.
  var isPlain: Bool { bytes.compression == nil && encoding == .utf8 }

  /// The text, as UTF-8, from `offset` on.
  func text(from offset: Int = 0) throws -> SourceText {
    try SourceText(bytes, encoding, from: offset, cancellation)
  }

  /// Throws when the file is not what it was when it was opened.
  func checkUnchanged() throws {
    if try FileHandle(reading: path).status() != status { throw CSVError(name, [.changedWhileRead]) }
  }

  /// SHA-256 of the file as it stands on the disk.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    try contentDigest(ofFile: path, cancellation: cancellation)
  }

  /// Line and column of an offset of the text that lies in a piece.
  func place(_ offset: Int, in piece: Piece) throws -> Place {
    let text = try bytes(piece.offset..<offset)
    return text.withUnsafeBufferPointer { $0.place(of: $0.count, file: name, line: piece.line) }
  }

  /// The text from the beginning of the piece in which a cell stands to the end of its record, at least.
  func piece(of position: CellPosition) throws -> [UInt8] {
    try bytes(
      position.pieceOffset..<position.recordOffset + RecordFeeder.limit,
      toRecordEnd: position.recordOffset - position.pieceOffset)
  }

  /// Line and column of a cell.
  func place(_ position: CellPosition) throws -> Place {
    let before = position.recordOffset - position.pieceOffset
    let text = try piece(of: position)
    return text.withUnsafeBufferPointer { text in
      var tokenizer = CSVTokenizer(UnsafeBufferPointer(rebasing: text[before...]), format.dialect)
      var cells: [CellSpan] = []
      _ = try? tokenizer.nextRecord(into: &cells)
      let cell = position.column < cells.count ? cells[position.column].range.lowerBound : 0
      return text.place(of: before + cell, file: name, line: position.pieceLine)
    }
  }

  /// Some bytes of the text; only to the end of the record that begins at `toRecordEnd` of them, where that is given.
  func bytes(_ range: Range<Int>, toRecordEnd start: Int? = nil) throws -> [UInt8] {
    var machine = RecordMachine(format.dialect)
    var at = start ?? 0
    return try bytes(range) { text in
      guard start != nil else { return false }
      while at + 1 < text.count {
        if machine.ends(text[at], before: text[at + 1]) { return true }
        at += 1
      }
      return false
    }
  }

  /// The line that begins at an offset of the text, without its line feed.
  func line(from offset: Int) throws -> [UInt8] {
    var end: Int?
    var at = 0
    let text = try bytes(offset..<offset + RecordFeeder.limit) { text in
      end = text.firstOffset(of: lineFeed, from: at)
      at = text.count
      return end != nil
    }
    return Array(text.prefix(end ?? text.count))
  }

  /// Some bytes of the text, up to where `isEnough` says so.
  private func bytes(
    _ range: Range<Int>, until isEnough: (UnsafeBufferPointer<UInt8>) -> Bool
  ) throws -> [UInt8] {
    var reading = try text(from: range.lowerBound)
    let buffer = TextBuffer()
    while buffer.count < range.count {
      try cancellation.check()
      let wanted = min(1 << 16, range.count - buffer.count)
      if try buffer.fill(wanted, { try reading.read(into: $0) }) == 0 { break }
      if isEnough(buffer.bytes) { break }
    }
    return Array(buffer.bytes)
  }
}

extension CSVFormat {
  /// The format with what the text tells of its dialect, where that is asked for.
  fileprivate func sniffed(_ text: SourceText) throws -> (CSVFormat, DialectHints?) {
    guard let request else { return (self, nil) }
    let head = TextBuffer()
    var text = text
    while head.count < 1 << 16, try head.fill((1 << 16) - head.count, { try text.read(into: $0) }) > 0 {}
    let hasMark = head.bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let sniffer = CSVSniffer(UnsafeBufferPointer(rebasing: head.bytes[(hasMark ? 3 : 0)...]), request)
    var format = self
    format.dialect = sniffer.dialect()
    let header = sniffer.header(format.dialect, missing: missing)
    format.hasHeader = header.isThere
    return (
      format,
      DialectHints(
        isHeaderGuessed: request.header == nil, isHeaderSure: header.isSure,
        maybeNumbers: sniffer.maybeNumbers(format.dialect))
    )
  }
}
