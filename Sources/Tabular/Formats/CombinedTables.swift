package import Basics
package import Diagnostics

/// Several tables of one schema, one below the other, as a source; with columns beside them that are constant in each.
///
/// Columns are found by name and come in the order of the first table, then the constants. Integers and numbers make
/// numbers, dates and timestamps timestamps, categories and texts strings; a column without any value fits all.
package struct CombinedTables: TypedSource {
  package let name: String
  package private(set) var fields: [Field]
  private let parts: [Part]
  private let conversions: [[ColumnConversion?]]
  private let contentDigest: Digest

  /// One table.
  package struct Part: Sendable {
    /// What messages call it.
    package var name: String
    package var table: Table
    /// Texts by column, nil where missing; the same columns in every part.
    package var constants: [(name: String, text: String?)]

    package init(name: String, table: Table, constants: [(name: String, text: String?)] = []) {
      self.name = name
      self.table = table
      self.constants = constants
    }
  }

  /// `declared` types settle columns that differ, or that some tables lack. Throws `CombinationError`.
  package init(
    _ parts: [Part], named name: String, digest: Digest, declared: [String: ColumnType]
  ) throws(CombinationError) {
    self.name = name
    self.parts = parts
    contentDigest = digest
    let constants = parts[0].constants.map(\.name)
    let columns = try CombinedTables.columns(parts, declared)
    for constant in constants where columns.contains(where: { $0.name == constant }) {
      throw .constantIsColumn(constant, part: parts[0].name)
    }
    let texts = constants.map { constant in
      let values = parts.compactMap { part in part.constants.first { $0.name == constant }?.text }
      return Field(name: constant, type: declared[constant] == nil ? typeOfTexts(values) : .text)
    }
    fields = columns + texts
    conversions = parts.map { part in
      (columns + texts).map { field in
        let source = part.table.column(named: field.name)?.type
        return source.map {
          ColumnConversion(from: $0, to: field.type, levels: LevelTable(), markers: TypedMarkers([]))
        }
      }
    }
  }

  /// Tells of integers that become numbers, since other tables have fractions in their column, and are rounded for it.
  package var notesOnRounding: [Diagnostic] {
    fields.filter { $0.type == .number }.compactMap { field in
      parts.first { $0.table.column(named: field.name)?.hasRoundable ?? false }.map { part in
        Diagnostic(
          severity: .note, "rounded-integers",
          "column '\(field.name)' holds integers beyond 2^53 here and numbers with fractions elsewhere, so that they are rounded",
          at: Place(file: part.name), help: ["to keep them as they are, declare it: columns: { \(field.name): text }"])
      }
    }
  }

  package func digest(_ cancellation: Cancellation) -> Digest { contentDigest }

  package func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws {
    let size = ArrowFormat.rowsPerGroup(columns: fields.count)
    var pieces: [(part: Int, rows: Range<Int>)] = []
    for (part, table) in parts.map(\.table).enumerated() {
      for start in stride(from: 0, to: table.rowCount, by: size) {
        pieces.append((part, start..<min(table.rowCount, start + size)))
      }
    }
    let all = pieces
    try decodeInOrder(count: all.count, threads: threads) { index in
      try cancellation.check()
      let (part, rows) = all[index]
      return TypedBatch(
        columns: columns.map { column(part, $0, rows) }, rowCount: rows.count,
        progress: Double(index + 1) / Double(all.count))
    } _: {
      try body($0)
    }
  }

  private func column(_ part: Int, _ index: Int, _ rows: Range<Int>) -> TypedColumn {
    let field = fields[index]
    let buffer = SegmentBuffer(field.type, rowCount: rows.count)
    guard let column = parts[part].table.column(named: field.name), let conversion = conversions[part][index] else {
      if let text = parts[part].constants.first(where: { $0.name == field.name })?.text {
        fill(buffer, with: text, rows.count)
      }
      return TypedColumn(buffer)
    }
    let copy = TypedColumn(column.copied(rows), levels: column.levelBuffer)
    if column.type.isString || column.type == field.type { return copy }
    _ = conversion.convert(copy, 0..<rows.count, into: buffer, at: 0)
    return TypedColumn(buffer)
  }

  private func fill(_ buffer: SegmentBuffer, with text: String, _ count: Int) {
    let parser = CellParser(buffer.type, levels: LevelTable(), markers: MissingMarkers(CSVFormat()))
    var text = text
    text.withUTF8 { bytes in
      for row in 0..<count {
        if buffer.type == .text { buffer.set(row, text: bytes) } else { _ = parser.store(bytes, in: buffer, row: row) }
      }
    }
  }
}

extension Column {
  /// Whether it is of integers of which no double holds some.
  fileprivate var hasRoundable: Bool {
    type == .integer
      && segments.contains { segment in (0..<segment.rowCount).contains { !isExactDouble(segment.integer($0)) } }
  }
}

/// Why tables do not make one.
package enum CombinationError: Error, Sendable, Hashable {
  /// A column that one part lacks and another has.
  case missingColumn(String, in: String, butIn: String)
  case differentTypes(column: String, String, ColumnType, String, ColumnType)
  case constantIsColumn(String, part: String)
}

extension CombinedTables {
  /// The columns of all parts in one order, each of a type that holds the cells of all.
  private static func columns(
    _ parts: [Part], _ declared: [String: ColumnType]
  ) throws(CombinationError) -> [Field] {
    var fields: [Field] = []
    var origin: [String: Int] = [:]
    for (index, part) in parts.enumerated() {
      for column in part.table.schema.fields where origin[column.name] == nil {
        origin[column.name] = index
        fields.append(column)
        if index > 0, declared[column.name] == nil {
          throw .missingColumn(column.name, in: parts[0].name, butIn: part.name)
        }
      }
      for field in fields where part.table.column(named: field.name) == nil && declared[field.name] == nil {
        throw .missingColumn(field.name, in: part.name, butIn: parts[origin[field.name] ?? 0].name)
      }
    }
    for index in fields.indices {
      let name = fields[index].name
      fields[index].type = try commonType(of: name, parts, isDeclared: declared[name] != nil)
    }
    return fields
  }

  private static func commonType(
    of name: String, _ parts: [Part], isDeclared: Bool
  ) throws(CombinationError) -> ColumnType {
    var common: (type: ColumnType, part: String)?
    for part in parts {
      guard let column = part.table.column(named: name), column.missingCount < column.rowCount else { continue }
      let type = column.type == .category ? .text : column.type
      guard let known = common else {
        common = (type, part.name)
        continue
      }
      guard let joined = known.type.joined(with: type) else {
        if isDeclared { return .text }
        throw .differentTypes(column: name, known.part, known.type, part.name, column.type)
      }
      common = (joined, joined == known.type ? known.part : part.name)
    }
    return common?.type ?? .text
  }
}

extension ColumnType {
  /// The narrowest type that holds the cells of both as they are; nil where none does.
  package func joined(with other: ColumnType) -> ColumnType? {
    if self == other { return self }
    let both: Set<ColumnType> = [self, other]
    if both == [.integer, .number] { return .number }
    if both == [.date, .timestamp] { return .timestamp }
    return both == [.category, .text] ? .text : nil
  }
}

/// What texts stand for, by the rule of CSV files: the first of integer, number, boolean, date and timestamp that all are;
/// else text. Leading zeros make text.
func typeOfTexts(_ texts: [String]) -> ColumnType {
  func all(_ test: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    !texts.isEmpty
      && texts.allSatisfy { text in
        var text = text
        return text.withUTF8(test)
      }
  }
  func number(_ text: UnsafeBufferPointer<UInt8>) -> NumberText? {
    NumberText(text).flatMap { $0.isZeroLed || $0.hasPlus || nearestDouble($0, text).isInfinite ? nil : $0 }
  }
  if all({ text in number(text).map { $0.isWhole && $0.integer != nil } ?? false }) { return .integer }
  if all({ number($0) != nil }) { return .number }
  if all({ parseBooleanWord($0) != nil }) { return .boolean }
  if all({ parseDate($0) != nil }) { return .date }
  return all { parseInstant($0) != nil } ? .timestamp : .text
}
