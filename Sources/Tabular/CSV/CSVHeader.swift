import CParsing
import Diagnostics

/// The line of column names at the start of a file.
struct CSVHeader: Sendable {
  private(set) var names: [String] = []
  /// Bytes and lines from the start of the file to the first record.
  private(set) var byteCount = 0
  private(set) var lineCount = 0
  /// Every name could be a number or a date, as if the first line held data.
  private(set) var looksLikeData = false
  /// Columns that have other names than the header gives them, or none.
  private(set) var renamed: [Renaming] = []

  /// A column that is not called as it stands in the header.
  struct Renaming: Sendable {
    /// What stands there.
    var written: String
    var name: String
    /// Whether the same characters stand there once more, written with other bytes.
    var isOtherWriting = false
    var place: Place
  }

  /// Reads the header at the start of a file, of which `bytes` hold at least the whole header. Throws `CSVError`.
  init(_ bytes: [UInt8], file: String, format: CSVFormat) throws(CSVError) {
    let result = bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(CSVError) in try CSVHeader(bytes, file: file, format: format) }
    }
    self = try result.get()
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, format: CSVFormat) throws(CSVError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw CSVError(file, [.utf16]) }
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let text = UnsafeBufferPointer(rebasing: bytes[start...])
    var tokenizer = CSVTokenizer(text, format.dialect)
    var cells: [CellSpan] = []
    var record: (offset: Int, line: Int)?
    do throws(CSVFlaw) {
      record = try tokenizer.nextRecord(into: &cells)
      let header = UnsafeBufferPointer(rebasing: text[..<tokenizer.offset])
      if let flaw = header.firstUnreadable() { throw flaw }
    } catch {
      throw CSVError(file, [CSVProblem(error, at: text.place(of: error.offset, file: file, line: 0))])
    }
    guard record != nil else { throw CSVError(file, [.empty]) }
    if !format.hasHeader {
      names = cells.indices.map { "column_\($0 + 1)" }
      byteCount = start
      return
    }
    byteCount = start + tokenizer.offset
    lineCount = tokenizer.line
    let written = cells.map { cell in
      text.withContent(of: cell, format.dialect) { String(decoding: $0, as: UTF8.self) }
    }
    setNames(written) { text.place(of: cells[$0].range.lowerBound, file: file, line: 0) }
    let markers = MissingMarkers(format)
    let numbers = NumberDialect(format.dialect)
    looksLikeData = cells.allSatisfy { cell in
      let cellClass = text.withContent(of: cell, format.dialect) { name in
        markers.contains(name) ? .missing : numbers.cellClass(name)
      }
      return cellClass != .text && cellClass != .boolean
    }
  }

  /// Names the columns: as it is written, where that is not empty and stands for no column before; a number behind it tells
  /// columns of one name apart.
  private mutating func setNames(_ written: [String], place: (Int) -> Place) {
    // Two writings of the same characters are one name, as `String` compares.
    var taken = Set(written)
    var seen: [String: [UInt8]] = [:]
    for (index, text) in written.enumerated() {
      if !text.isEmpty, seen[text] == nil {
        seen[text] = Array(text.utf8)
        names.append(text)
        continue
      }
      var number = 2
      var name = text.isEmpty ? "column_\(index + 1)" : "\(text)_2"
      while !taken.insert(name).inserted {
        name = "\(text.isEmpty ? "column_\(index + 1)" : text)_\(number)"
        number += 1
      }
      names.append(name)
      renamed.append(
        Renaming(
          written: text, name: name, isOtherWriting: seen[text].map { $0 != Array(text.utf8) } ?? false,
          place: place(index)))
    }
  }

  /// What is wrong with the declared types: names that are not in the header.
  func problems(_ format: CSVFormat) -> [CSVProblem] {
    format.declared.keys.filter { !names.contains($0) }.sorted().map {
      .missingColumn($0, nearest: nearestName(to: $0, among: names), use: .declared)
    }
  }
}

extension CSVProblem {
  init(_ flaw: CSVFlaw, at place: Place) {
    self =
      switch flaw.kind {
      case .unclosedQuote: .unclosedQuote(place)
      case .textAfterQuote: .textAfterQuote(place)
      case .nulByte: .nulByte(place)
      case .notUTF8: .notUTF8(place)
      }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Line and column of an offset, where `line` lines came before these bytes.
  func place(of offset: Int, file: String, line: Int) -> Place {
    let breaks = lineBreaks(in: 0..<offset)
    var start = offset
    while start > 0, self[start - 1] != lineFeed, self[start - 1] != carriageReturn { start -= 1 }
    let column = self[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
    return Place(file: file, line: line + breaks + 1, column: column)
  }

  /// The first byte that no text can have: NUL, or one that is not UTF-8.
  func firstUnreadable() -> CSVFlaw? {
    guard let start = baseAddress, parsing_readable(start, Int64(count)) < count else { return nil }
    if let offset = firstOffset(of: 0, from: 0) { return CSVFlaw(kind: .nulByte, offset: offset) }
    do {
      _ = try UTF8Span(validating: Span(_unsafeElements: self))
      return nil
    } catch {
      return CSVFlaw(kind: .notUTF8, offset: error.byteOffsets.lowerBound)
    }
  }
}
