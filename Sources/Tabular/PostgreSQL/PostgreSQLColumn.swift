/// A column of a query: what it becomes, and how it is asked for.
struct PostgreSQLColumn: Sendable {
  /// How a cell comes in binary.
  enum Coding: Sendable {
    case boolean, int16, int32, int64, float32, float64, date, timestamp, text
  }

  var name: String
  var coding: Coding
  /// Whether the server is to make text of it.
  var isCast: Bool

  /// Nil where the type cannot be a column. `type` is the number in the catalogue of types (`pg_type.dat`).
  init?(name: String, type: UInt32) {
    self.name = name
    isCast = false
    switch type {
    case 16: coding = .boolean
    case 17: return nil
    case 20: coding = .int64
    case 21: coding = .int16
    case 23: coding = .int32
    case 25, 1043: coding = .text
    case 700: coding = .float32
    case 701: coding = .float64
    case 1082: coding = .date
    case 1114, 1184: coding = .timestamp
    // Numbers of any length keep all their digits as text; so do times of a day, UUIDs, JSON, enumerations and all else.
    default: (coding, isCast) = (.text, true)
    }
  }

  /// The column type, also where nothing but NULL comes.
  var type: ColumnType {
    switch coding {
    case .boolean: .boolean
    case .int16, .int32, .int64: .integer
    case .float32, .float64: .number
    case .date: .date
    case .timestamp: .timestamp
    case .text: .text
    }
  }
}
