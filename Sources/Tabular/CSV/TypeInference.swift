/// How a column's type follows from all of its cells.
///
/// A column is `integer`, `number`, `boolean`, `date` or `timestamp` when every cell that is not missing is one (days
/// among timestamps are their midnights). Otherwise it is a `category` when it has at most 20 distinct values, or at most
/// 1,000 that are no more than half of its cells, and `text`
/// beyond. A column without any value is `text`. What nearly was another type is noted.
enum TypeInference {
  /// A category always, up to so many distinct values.
  static let fewLevels = 20
  /// A category never, beyond so many distinct values.
  static let manyLevels = 1000
  /// Levels that a declared category may have.
  static let declaredLevels = 1_000_000
  /// Up to this share of cells, those that do not fit a type are taken to be strays.
  static let strayShare = 0.05

  /// Whether strings with so many distinct values among those present are a category.
  static func isCategory(levels: Int, present: Int) -> Bool {
    levels <= fewLevels || levels <= manyLevels && levels * 2 <= present
  }

  /// Why a column of strings is none of the other types, where it nearly is.
  static func remark(_ evidence: ColumnEvidence) -> Remark? {
    let present = evidence.presentCount
    let numbers = evidence.count(ColumnType.number.evident)
    if evidence.count(.zeroLed) > 0, numbers + evidence.count(.zeroLed) == present { return .zeroLed }
    if evidence.count(.hugeInexact) > 0, numbers + evidence.count(.hugeInexact) == present { return .hugeIntegers }
    for type in [ColumnType.number, .date, .timestamp, .boolean] {
      let strays = present - evidence.count(type.evident)
      guard Double(strays) <= strayShare * Double(present) else { continue }
      let others = CellClass.allCases.filter { $0 != .missing && !type.evident.contains($0) }
      guard let first = evidence.first(others) else { continue }
      return .strays(count: strays, of: present, expected: type, found: first.cellClass, first.position)
    }
    return nil
  }

  enum Remark: Hashable {
    case empty
    case zeroLed
    case hugeIntegers
    case strays(count: Int, of: Int, expected: ColumnType, found: CellClass, CellPosition)
  }
}
