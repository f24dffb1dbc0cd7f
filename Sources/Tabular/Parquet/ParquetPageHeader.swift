/// What stands before each page of a column.
///
/// Source: apache/parquet-format, `parquet.thrift`, `PageHeader`.
struct ParquetPageHeader {
  enum Kind: Int {
    case data, index, dictionary, dataV2
  }

  var kind: Kind?
  var uncompressedSize = -1
  var compressedSize = -1
  var checksum: UInt32?
  var valueCount = -1
  var encoding = -1
  var definitionEncoding = ParquetEncoding.runLength.rawValue
  /// Of version 2 alone.
  var nullCount = 0
  var definitionSize = 0
  var repetitionSize = 0
  var isCompressed = true
  /// Bytes of the header itself.
  private(set) var size = 0

  /// Throws `ThriftReader.EndOfBytes` where the header is longer than `bytes`.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ThriftReader(bytes)
    try reader.eachField { reader, field, type in
      switch (field, type) {
      case (1, .int32): kind = Kind(rawValue: try reader.integer())
      case (2, .int32): uncompressedSize = try reader.integer()
      case (3, .int32): compressedSize = try reader.integer()
      case (4, .int32): checksum = UInt32(truncatingIfNeeded: try reader.integer())
      case (5, .structure), (7, .structure), (8, .structure): try readPart(&reader, isV2: field == 8)
      default: return false
      }
      return true
    }
    size = reader.position
  }

  private mutating func readPart(_ reader: inout ThriftReader, isV2: Bool) throws {
    try reader.eachField(depth: 1) { reader, field, type in
      switch (field, type, isV2) {
      case (1, .int32, _): valueCount = try reader.integer()
      case (2, .int32, false), (4, .int32, true): encoding = try reader.integer()
      case (3, .int32, false): definitionEncoding = try reader.integer()
      case (2, .int32, true): nullCount = try reader.integer()
      case (5, .int32, true): definitionSize = try reader.integer()
      case (6, .int32, true): repetitionSize = try reader.integer()
      case (7, .true, true): isCompressed = true
      case (7, .false, true): isCompressed = false
      default: return false
      }
      return true
    }
  }
}

/// How the values of a page are encoded.
enum ParquetEncoding: Int {
  case plain = 0
  case plainDictionary = 2
  case runLength = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case runLengthDictionary = 8
  case byteStreamSplit = 9
}
