/// What the footer of a Parquet file says, as far as it is needed to read its rows.
///
/// Source: apache/parquet-format, `parquet.thrift`; field numbers are those of that file.
struct ParquetMetadata {
  var schema: [SchemaElement] = []
  var rowCount = 0
  var rowGroups: [RowGroup] = []
  var isEncrypted = false

  struct SchemaElement {
    var type: ParquetPhysicalType?
    var typeLength = 0
    var repetition = Repetition.required
    var name = ""
    var childCount = 0
    var convertedType: Int?
    var scale = 0
    var logicalType: LogicalType?
  }

  enum Repetition: Int {
    case required, optional, repeated
  }

  /// A field of the union `LogicalType`, and what it holds.
  struct LogicalType {
    var field = 0
    var scale = 0
    /// Field of the union `TimeUnit`: 1 milliseconds, 2 microseconds, 3 nanoseconds.
    var unit = 0
    var bitWidth = 0
    var isSigned = true
  }

  struct RowGroup {
    var columns: [ColumnChunk] = []
    var rowCount = 0
    var byteSize = 0
  }

  struct ColumnChunk {
    var codec = 0
    var valueCount = 0
    var compressedSize = 0
    var dataOffset = 0
    var dictionaryOffset = 0
    /// Whether the data is in another file or encrypted.
    var isElsewhere = false
    var isEncrypted = false
  }

  /// Throws `ColumnarProblem`.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ThriftReader(bytes)
    do {
      try reader.eachField { reader, field, type in
        switch (field, type) {
        case (2, .list): schema = try reader.list(limit: 1_000_000) { try SchemaElement(&$0) }
        case (3, .int64): rowCount = try reader.integer()
        case (4, .list): rowGroups = try reader.list { try RowGroup(&$0) }
        case (8, .structure):
          isEncrypted = true
          return false
        default: return false
        }
        return true
      }
    } catch is ThriftReader.EndOfBytes {
      throw ColumnarProblem.damaged("its metadata ends too early")
    }
  }
}

/// How values are laid out.
enum ParquetPhysicalType: Int {
  case boolean, int32, int64, int96, float, double, byteArray, fixedLengthByteArray
}

extension ParquetMetadata.SchemaElement {
  init(_ reader: inout ThriftReader) throws {
    try reader.eachField { reader, field, type in
      switch (field, type) {
      case (1, .int32):
        guard let known = ParquetPhysicalType(rawValue: try reader.integer()) else {
          throw ColumnarProblem.damaged("a column has a type that there is not")
        }
        self.type = known
      case (2, .int32): typeLength = try reader.integer()
      case (3, .int32):
        guard let known = ParquetMetadata.Repetition(rawValue: try reader.integer()) else {
          throw ColumnarProblem.damaged("a column has a repetition that there is not")
        }
        repetition = known
      case (4, .binary): name = try reader.string()
      case (5, .int32): childCount = try reader.integer()
      case (6, .int32): convertedType = try reader.integer()
      case (7, .int32): scale = try reader.integer()
      case (10, .structure): logicalType = try ParquetMetadata.LogicalType(&reader)
      default: return false
      }
      return true
    }
  }
}

extension ParquetMetadata.LogicalType {
  init(_ reader: inout ThriftReader) throws {
    try reader.eachField { reader, field, type in
      guard type == .structure else { return false }
      self.field = field
      try reader.eachField(depth: 1) { reader, part, type in
        switch (field, part, type) {
        case (5, 1, .int32): scale = try reader.integer()
        case (10, 1, .int8): bitWidth = try reader.int8()
        case (10, 2, .false): isSigned = false
        case (7, 2, .structure), (8, 2, .structure):
          try reader.eachField(depth: 2) { _, unit, _ in
            self.unit = unit
            return false
          }
        default: return false
        }
        return true
      }
      return true
    }
  }
}

extension ParquetMetadata.RowGroup {
  init(_ reader: inout ThriftReader) throws {
    try reader.eachField { reader, field, type in
      switch (field, type) {
      case (1, .list): columns = try reader.list { try ParquetMetadata.ColumnChunk(&$0) }
      case (2, .int64): byteSize = try reader.integer()
      case (3, .int64): rowCount = try reader.integer()
      default: return false
      }
      return true
    }
  }
}

extension ParquetMetadata.ColumnChunk {
  init(_ reader: inout ThriftReader) throws {
    try reader.eachField { reader, field, type in
      switch (field, type) {
      case (1, .binary): isElsewhere = try !reader.string().isEmpty
      case (3, .structure): try readMetadata(&reader)
      case (8, .structure):
        isEncrypted = true
        return false
      default: return false
      }
      return true
    }
  }

  private mutating func readMetadata(_ reader: inout ThriftReader) throws {
    try reader.eachField(depth: 1) { reader, field, type in
      switch (field, type) {
      case (4, .int32): codec = try reader.integer()
      case (5, .int64): valueCount = try reader.integer()
      case (7, .int64): compressedSize = try reader.integer()
      case (9, .int64): dataOffset = try reader.integer()
      case (11, .int64): dictionaryOffset = try reader.integer()
      default: return false
      }
      return true
    }
  }
}
