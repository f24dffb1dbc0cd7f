/// Names and numbers of the Arrow IPC file format as this project writes it.
///
/// Source: arrow.apache.org, "Arrow Columnar Format", and `Message.fbs`, `Schema.fbs`, `File.fbs` of Apache Arrow.
/// A file holds a schema, row groups (record batches) that all have `rowsPerGroup` rows, but the last may have fewer, and
/// then, since levels are known only when all rows are, one dictionary a category column. No compression; every buffer starts
/// at a multiple of 64 bytes.
///
/// | column | Arrow type |
/// |---|---|
/// | integer | int64 |
/// | number | float64 |
/// | boolean | bool |
/// | date | date32 |
/// | timestamp | timestamp of microseconds, UTC |
/// | category | dictionary of int32 to large_utf8, levels sorted by bytes |
/// | text | large_utf8 |
/// | sparse | large_list of struct of `index`, int32, and `value`, float64; neither is ever null |
enum ArrowFormat {
  static let magic = Array("ARROW1".utf8)
  /// Arrow metadata version 5.
  static let version: Int16 = 4
  static let alignment = 64
  /// What Arrow calls the zone of timestamps.
  static let zone = "UTC"

  enum Header {
    static let schema: UInt8 = 1
    static let dictionary: UInt8 = 2
    static let batch: UInt8 = 3
  }

  enum TypeTag {
    static let int: UInt8 = 2
    static let floatingPoint: UInt8 = 3
    static let bool: UInt8 = 6
    static let date: UInt8 = 8
    static let timestamp: UInt8 = 10
    static let structure: UInt8 = 13
    static let largeText: UInt8 = 20
    static let largeList: UInt8 = 21
  }

  /// Rows in each row group: 65,536 up to 64 columns; wider tables have fewer, so that a group of doubles stays within
  /// 32 MiB. A function of the schema alone.
  static func rowsPerGroup(columns: Int) -> Int {
    var rows = 65_536
    while rows > 1024, rows * columns > 1 << 22 { rows /= 2 }
    return rows
  }

  /// The schema; the dictionary of a category column has the column's position as its id.
  static func schema(_ fields: [Field]) -> Flatbuffer {
    .table([.int16(0), .tables(fields.enumerated().map { field($1, id: $0) })])
  }

  private static func field(_ field: Field, id: Int) -> Flatbuffer {
    let (tag, type) = type(field.type)
    let encoding = Flatbuffer.table([.int64(Int64(id)), .table([.int32(32), .int8(1)]), .int8(0)])
    return .table([
      .string(field.name), .int8(1), .int8(tag), type, field.type == .category ? encoding : nil,
      .tables(field.type == .sparse ? [entry] : []),
    ])
  }

  /// The key in the metadata of the footer under which the number of records that were left out stands.
  static let badRowsKey = "mlflowctl.bad_rows"

  static func badRows(_ count: Int) -> Flatbuffer { .table([.string(badRowsKey), .string(String(count))]) }

  /// What the lists of a sparse column hold.
  private static var entry: Flatbuffer {
    let index = child("index", TypeTag.int, .table([.int32(32), .int8(1)]))
    let value = child("value", TypeTag.floatingPoint, .table([.int16(2)]))
    return child("item", TypeTag.structure, .table([]), [index, value])
  }

  private static func child(
    _ name: String, _ tag: UInt8, _ type: Flatbuffer, _ children: [Flatbuffer] = []
  ) -> Flatbuffer {
    .table([.string(name), .int8(0), .int8(tag), type, nil, .tables(children)])
  }

  private static func type(_ type: ColumnType) -> (tag: UInt8, Flatbuffer) {
    switch type {
    case .integer: (TypeTag.int, .table([.int32(64), .int8(1)]))
    case .number: (TypeTag.floatingPoint, .table([.int16(2)]))
    case .boolean: (TypeTag.bool, .table([]))
    case .date: (TypeTag.date, .table([.int16(0)]))
    case .timestamp: (TypeTag.timestamp, .table([.int16(2), .string(zone)]))
    case .category, .text: (TypeTag.largeText, .table([]))
    case .sparse: (TypeTag.largeList, .table([]))
    }
  }
}

extension ColumnType {
  /// Field nodes and buffers of such a column in a record batch. Of a sparse one: the list, the structure, its index
  /// and its value, with validity and offsets, validity, validity and data twice.
  var arrowParts: (nodes: Int, buffers: Int) {
    switch self {
    case .text: (1, 3)
    case .sparse: (4, 7)
    default: (1, 2)
    }
  }
}
