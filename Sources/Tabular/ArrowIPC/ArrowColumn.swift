/// A flat column of an Arrow file or stream: how its values lie there, and what they mean.
///
/// Source: Apache Arrow, "Arrow Columnar Format" and `Schema.fbs`.
struct ArrowColumn: Sendable {
  /// How values lie in buffers, behind the one that says which are there.
  enum Layout: Sendable, Hashable {
    /// No buffers at all: nothing but nulls.
    case none
    /// A bit a row.
    case bits
    /// So many bytes a row.
    case fixed(Int)
    /// Offsets of so many bytes, and the bytes they point into.
    case offsets(Int)
    /// 16 bytes a row, which hold the value or say where it lies, and any number of buffers.
    case views
  }

  /// What a value becomes.
  enum Meaning: Sendable, Hashable {
    case boolean
    case signed
    case unsigned
    /// Unsigned integers of 64 bits of which some are beyond those of a table.
    case unsignedText
    case number
    /// Days, or milliseconds of whole days.
    case date
    /// Ticks a second.
    case timestamp(perSecond: Int64)
    case text
    case decimal(scale: Int)
    case nothing
  }

  /// Of a column that holds codes: whose dictionary they point into, and how they are stored.
  struct Encoding: Sendable {
    var id: Int
    var width: Int
    var isSigned: Bool
  }

  let name: String
  let layout: Layout
  var meaning: Meaning
  let encoding: Encoding?

  var field: Field { Field(name: name, type: encoding != nil && valueType == .text ? .category : valueType) }

  /// The type of the values, of the dictionary where there is one.
  var valueType: ColumnType {
    switch meaning {
    case .boolean: .boolean
    case .signed, .unsigned: .integer
    case .number: .number
    case .date: .date
    case .timestamp: .timestamp
    case .unsignedText, .text, .decimal, .nothing: .text
    }
  }

  /// The layout in record batches: of codes, where the column has a dictionary.
  var batchLayout: Layout { encoding.map { .fixed($0.width) } ?? layout }

  /// The same column as the values of a dictionary.
  var values: ArrowColumn { ArrowColumn(name: name, layout: layout, meaning: meaning, encoding: nil) }

  /// The columns of a schema. Throws `ColumnarProblem` that names all nested ones, or one of a type that is not read.
  static func all(of schema: FlatbufferTable) throws -> [ArrowColumn] {
    if try schema.scalar(0, default: Int16(0)) != 0 { throw ColumnarProblem.bigEndian }
    var nested: [String] = []
    var columns: [ArrowColumn] = []
    for field in try schema.tables(1) {
      let name = try field.optionalString(0) ?? ""
      if nestedTags.contains(try field.scalar(2, default: UInt8(0))) {
        nested.append(name)
      } else {
        columns.append(try ArrowColumn(field, name))
      }
    }
    if !nested.isEmpty { throw ColumnarProblem.nested(nested) }
    return columns
  }

  /// Lists of all kinds, structures, unions, maps, run-end encoded values.
  private static let nestedTags: Set<UInt8> = [12, 13, 14, 16, 17, 21, 22, 25, 26]

  private init(_ field: FlatbufferTable, _ name: String) throws {
    let tag = try field.scalar(2, default: UInt8(0))
    guard let type = try ArrowType(tag: tag, field.table(3), column: name) else {
      throw ColumnarProblem.unsupportedType(Self.names[tag] ?? "number \(tag)", column: name)
    }
    self.name = name
    layout = type.layout
    meaning = type.meaning
    encoding = try field.table(4).map { encoding in
      let index = try encoding.table(1)
      let bits = Int(try index?.scalar(0, default: Int32(0)) ?? 32)
      guard [8, 16, 32, 64].contains(bits) else {
        throw ColumnarProblem.damaged("its dictionary has indices of \(bits) bits", column: name)
      }
      return Encoding(
        id: Int(try encoding.scalar(0, default: Int64(0))), width: bits / 8,
        isSigned: try index?.scalar(1, default: UInt8(0)) ?? 1 != 0)
    }
  }

  private init(name: String, layout: Layout, meaning: Meaning, encoding: Encoding?) {
    (self.name, self.layout, self.meaning, self.encoding) = (name, layout, meaning, encoding)
  }

  private static let names: [UInt8: String] = [11: "interval"]
}

/// What the union `Type` of `Schema.fbs` says.
private struct ArrowType {
  var layout: ArrowColumn.Layout
  var meaning: ArrowColumn.Meaning

  /// Nil for types that are not read.
  init?(tag: UInt8, _ type: FlatbufferTable?, column: String) throws {
    func number(_ slot: Int, _ value: Int32) throws -> Int { Int(try type?.scalar(slot, default: value) ?? value) }
    func unit(_ value: Int16) throws -> Int { Int(try type?.scalar(0, default: value) ?? value) }
    func damaged(_ what: String) -> ColumnarProblem { .damaged("its type has \(what)", column: column) }
    switch tag {
    case 1: (layout, meaning) = (.none, .nothing)
    case 2:
      let bits = try number(0, 0)
      guard [8, 16, 32, 64].contains(bits) else { throw damaged("integers of \(bits) bits") }
      let isSigned = try type?.scalar(1, default: UInt8(0)) ?? 0 != 0
      (layout, meaning) = (.fixed(bits / 8), isSigned ? .signed : .unsigned)
    case 3:
      let precision = try unit(0)
      guard (0...2).contains(precision) else { throw damaged("numbers of a precision that there is not") }
      (layout, meaning) = (.fixed(2 << precision), .number)
    case 4, 5: (layout, meaning) = (.offsets(4), .text)
    case 19, 20: (layout, meaning) = (.offsets(8), .text)
    case 23, 24: (layout, meaning) = (.views, .text)
    case 6: (layout, meaning) = (.bits, .boolean)
    case 7:
      let (scale, bits) = (try number(1, 0), try number(2, 128))
      guard [32, 64, 128, 256].contains(bits), abs(scale) <= 10_000 else { throw damaged("impossible decimals") }
      (layout, meaning) = (.fixed(bits / 8), .decimal(scale: scale))
    case 8: (layout, meaning) = (.fixed(try unit(1) == 0 ? 4 : 8), .date)
    // Times of a day and durations are the integers they are: see docs/sources.md.
    case 9: (layout, meaning) = (.fixed(try number(1, 32) == 32 ? 4 : 8), .signed)
    case 18: (layout, meaning) = (.fixed(8), .signed)
    case 10:
      let unit = try unit(0)
      guard (0...3).contains(unit) else { throw damaged("a unit of time that there is not") }
      let perSecond: [Int64] = [1, 1000, 1_000_000, 1_000_000_000]
      (layout, meaning) = (.fixed(8), .timestamp(perSecond: perSecond[unit]))
    case 15:
      let width = try number(0, 0)
      guard (1...1 << 20).contains(width) else { throw damaged("a width of \(width) bytes") }
      (layout, meaning) = (.fixed(width), .text)
    default: return nil
    }
  }
}
