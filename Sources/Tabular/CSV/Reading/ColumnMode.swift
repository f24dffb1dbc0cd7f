/// How the cells of a column are read, as far as what was seen of them says.
///
/// Without a declared type the modes only ever widen, by `widened`, to one that holds what was seen before too: so the last
/// one follows from the cells alone, whatever the order in which they are read.
enum ColumnMode: Sendable, Hashable {
  /// No cell held a value yet.
  case nothing
  case integer, number, boolean, date, timestamp
  /// Strings with few distinct values so far, as codes.
  case category
  case text

  init(declared type: ColumnType) {
    self =
      switch type {
      case .integer: .integer
      case .number: .number
      case .boolean: .boolean
      case .date: .date
      case .timestamp: .timestamp
      case .category: .category
      case .text, .sparse: .text
      }
  }

  /// The type of a column that is stored so.
  var type: ColumnType {
    switch self {
    case .integer: .integer
    case .number: .number
    case .boolean: .boolean
    case .date: .date
    case .timestamp: .timestamp
    case .category: .category
    case .nothing, .text: .text
    }
  }

  var isString: Bool { self == .category || self == .text }

  /// Whether inference can have a cell of this class in the column, other than a missing one.
  func admits(_ cellClass: CellClass) -> Bool {
    switch self {
    case .nothing: false
    case .category, .text: true
    default: type.evident.contains(cellClass)
    }
  }

  /// The mode for what was read so far and a cell of this class.
  func widened(by cellClass: CellClass) -> ColumnMode {
    if cellClass == .missing || admits(cellClass) { return self }
    let candidates: [ColumnMode] =
      switch self {
      case .nothing: [.integer, .number, .boolean, .date, .timestamp]
      case .integer: [.number]
      case .date: [.timestamp]
      default: []
      }
    return candidates.first { $0.admits(cellClass) } ?? .category
  }
}
