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
    var problems: [CSVProblem] = []
    var seen: Set<String> = []
    for (index, cell) in cells.enumerated() {
      let name = text.withContent(of: cell, format.dialect) { String(decoding: $0, as: UTF8.self) }
      let place = { text.place(of: cell.range.lowerBound, file: file, line: 0) }
      if name.isEmpty { problems.append(.unnamedColumn(position: index + 1, place())) }
      if !name.isEmpty, !seen.insert(name).inserted { problems.append(.duplicateName(name, place())) }
      names.append(name)
    }
    if !problems.isEmpty { throw CSVError(file, problems) }
    let markers = MissingMarkers(format)
    let numbers = NumberDialect(format.dialect)
    looksLikeData = cells.allSatisfy { cell in
      let cellClass = text.withContent(of: cell, format.dialect) { name in
        numbers.withPlain(name) { CellClass($0, markers) }
      }
      return cellClass != .text && cellClass != .boolean
    }
  }

  /// Whether bytes from the start of a file hold the whole header.
  static func isWhole(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect) -> Bool {
    var tokenizer = CSVTokenizer(bytes, dialect)
    var cells: [CellSpan] = []
    guard let record = try? tokenizer.nextRecord(into: &cells), record.offset < tokenizer.offset else { return false }
    return [lineFeed, carriageReturn].contains(bytes[tokenizer.offset - 1]) && tokenizer.offset < bytes.count
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
