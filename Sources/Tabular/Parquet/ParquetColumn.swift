/// A flat column of a Parquet file: how its values lie there, and what they mean.
struct ParquetColumn: Sendable {
  let name: String
  let type: ParquetPhysicalType
  /// Bytes of a value; 0 of byte arrays.
  let width: Int
  let isOptional: Bool
  var meaning: Meaning

  /// What a value becomes.
  enum Meaning: Sendable, Hashable {
    case boolean
    case signed
    case unsigned
    /// Unsigned integers of 64 bits of which some are beyond those of a table: text of their digits.
    case unsignedText
    case number
    case half
    case date
    /// Ticks a second.
    case timestamp(perSecond: Int64)
    /// Nanoseconds of a day, and its Julian number.
    case julianTimestamp
    case text
    case uuid
    /// Digits behind the point.
    case decimal(scale: Int)
    /// Nothing but nulls.
    case nothing
  }

  var field: Field { Field(name: name, type: fieldType) }

  private var fieldType: ColumnType {
    switch meaning {
    case .boolean: .boolean
    case .signed, .unsigned: .integer
    case .number, .half: .number
    case .date: .date
    case .timestamp, .julianTimestamp: .timestamp
    case .unsignedText, .text, .uuid, .decimal, .nothing: .text
    }
  }

  /// The columns of a file, in order. Throws `ColumnarProblem` that names all nested ones, or one of a type that is not read.
  static func all(of schema: [ParquetMetadata.SchemaElement]) throws(ColumnarProblem) -> [ParquetColumn] {
    guard let root = schema.first, root.childCount > 0 || schema.count == 1 else {
      throw .damaged("its schema has no root")
    }
    var columns: [ParquetColumn] = []
    var nested: [String] = []
    var place = 1
    for _ in 0..<root.childCount {
      guard place < schema.count else { throw .damaged("its schema has fewer columns than it says") }
      let element = schema[place]
      if element.childCount != 0 || element.type == nil || element.repetition == .repeated {
        nested.append(element.name)
      } else {
        columns.append(try ParquetColumn(element))
      }
      place = try end(of: place, in: schema)
    }
    guard place == schema.count else { throw .damaged("its schema has more columns than it says") }
    if !nested.isEmpty { throw .nested(nested) }
    return columns
  }

  /// Where the element behind a column and all that belongs to it stands.
  private static func end(
    of place: Int, in schema: [ParquetMetadata.SchemaElement]
  ) throws(ColumnarProblem) -> Int {
    var next = place
    var open = 1
    while open > 0 {
      guard next < schema.count, schema[next].childCount >= 0, schema[next].childCount <= schema.count else {
        throw .damaged("its schema has fewer columns than it says")
      }
      open += schema[next].childCount - 1
      next += 1
    }
    return next
  }

  private init(_ element: ParquetMetadata.SchemaElement) throws(ColumnarProblem) {
    name = element.name
    guard let type = element.type else { throw .nested([element.name]) }
    self.type = type
    isOptional = element.repetition == .optional
    switch type {
    case .boolean: width = 1
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int96: width = 12
    case .byteArray: width = 0
    case .fixedLengthByteArray:
      guard (1...1 << 20).contains(element.typeLength) else {
        throw .damaged("its type has a length of \(element.typeLength) bytes", column: name)
      }
      width = element.typeLength
    }
    meaning = try Meaning(element, type, width)
  }
}

extension ParquetColumn.Meaning {
  /// The newer annotation counts where there is one, the older otherwise.
  fileprivate init(
    _ element: ParquetMetadata.SchemaElement, _ type: ParquetPhysicalType, _ width: Int
  ) throws(ColumnarProblem) {
    let plain: ParquetColumn.Meaning =
      switch type {
      case .boolean: .boolean
      case .int32, .int64: .signed
      case .int96: .julianTimestamp
      case .float, .double: .number
      case .byteArray, .fixedLengthByteArray: .text
      }
    let isInteger = type == .int32 || type == .int64
    func decimal(_ scale: Int) throws(ColumnarProblem) -> ParquetColumn.Meaning {
      guard (0...10_000).contains(scale), isInteger || plain == .text else {
        throw .damaged("its decimal type is impossible", column: element.name)
      }
      return .decimal(scale: scale)
    }
    let units: [Int64] = [1000, 1_000_000, 1_000_000_000]
    if let logical = element.logicalType {
      switch logical.field {
      case 5: self = try decimal(logical.scale)
      case 6 where type == .int32: self = .date
      case 8 where type == .int64 && (1...3).contains(logical.unit):
        self = .timestamp(perSecond: units[logical.unit - 1])
      case 10 where isInteger: self = logical.isSigned ? .signed : .unsigned
      case 11: self = .nothing
      case 14 where width == 16: self = .uuid
      case 15 where width == 2: self = .half
      case 2, 3: throw .nested([element.name])
      case 16: throw .unsupportedType("VARIANT", column: element.name)
      case 17, 18: throw .unsupportedType("GEOMETRY", column: element.name)
      // Strings, labels, JSON and BSON as text; times of a day as the integers they are.
      default: self = plain
      }
      return
    }
    switch element.convertedType {
    case 5: self = try decimal(element.scale)
    case 6 where type == .int32: self = .date
    case 9 where type == .int64: self = .timestamp(perSecond: 1000)
    case 10 where type == .int64: self = .timestamp(perSecond: 1_000_000)
    case 11 where isInteger, 12 where isInteger, 13 where isInteger, 14 where isInteger: self = .unsigned
    case 21: throw .unsupportedType("INTERVAL", column: element.name)
    default: self = plain
    }
  }
}
