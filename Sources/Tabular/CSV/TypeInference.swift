/// How a column's type follows from all of its cells.
///
/// A column is `integer`, `number`, `boolean`, `date` or `timestamp` when every cell that is not missing is one (days
/// among timestamps are their midnights). Whole numbers of which some exceed 64 bits stay as they are written, as strings;
/// among numbers with fractions they are rounded as those are. Otherwise it is a `category` when it has at most 20 distinct values, or at most
/// 1,000 that are no more than half of its cells, and `text`
/// beyond. A column without any value is `text`. What nearly was another type is noted.
enum TypeInference {
  /// A category always, up to so many distinct values.
  static let fewLevels = 20
  /// A category never, beyond so many distinct values.
  static let manyLevels = 1000
  /// Levels that a declared category may have.
  static let declaredLevels = 1_000_000
  /// Up to this share of cells, those that do not fit a type are taken to be strays; `nan` and its like always.
  static let strayShare = 0.05

  /// Whether strings with so many distinct values among those present are a category.
  static func isCategory(levels: Int, present: Int) -> Bool {
    levels <= fewLevels || levels <= manyLevels && levels * 2 <= present
  }

  /// The type that whole numbers are kept as where they would lose digits or what stands between them, nil where they are
  /// numbers: `evidence` is of a column of which every cell was looked at.
  static func settled(_ mode: ColumnMode, _ evidence: ColumnEvidence) -> ColumnMode? {
    let hasFractions = evidence.count(CellClass.fractions) > 0
    let isHuge = evidence.count(.huge) > 0
    switch mode {
    case .number where isHuge && !hasFractions: return .text
    case .integer where isGrouped(evidence), .number where isGrouped(evidence): return .text
    case .category, .text:
      let areNumbers = evidence.count(ColumnType.number.evident) == evidence.presentCount
      return isHuge && hasFractions && areNumbers ? .number : nil
    default: return nil
    }
  }

  /// Whether every cell is a whole number with more than one group of digits: an address or a telephone number may look so.
  private static func isGrouped(_ evidence: ColumnEvidence) -> Bool {
    evidence.count(.grouped) > 0 && evidence.count(.grouped) == evidence.presentCount
  }

  /// Why a column of strings is none of the other types, where it nearly is.
  static func remark(_ evidence: ColumnEvidence) -> Remark? {
    let present = evidence.presentCount
    let numbers = evidence.count(ColumnType.number.evident)
    if evidence.count(.zeroLed) > 0, numbers + evidence.count(.zeroLed) == present { return .zeroLed }
    if evidence.count(.plusSigned) > 0, numbers + evidence.count(.plusSigned) == present { return .plusSigned }
    if numbers == present {
      if let (_, position) = evidence.first([.huge]) { return .hugeIntegers(position) }
      if let (_, position) = evidence.first([.grouped]) { return .groups(position) }
    }
    for type in [ColumnType.number, .date, .timestamp, .boolean] {
      let strays = present - evidence.count(type.evident)
      let isNear = Double(strays) <= strayShare * Double(present)
      guard isNear || type == .number && numbers > 0 && strays == evidence.count(.notFinite) else { continue }
      let others = CellClass.allCases.filter { $0 != .missing && !type.evident.contains($0) }
      guard let first = evidence.first(others) else { continue }
      return .strays(count: strays, of: present, expected: type, found: first.cellClass, first.position)
    }
    return nil
  }

  enum Remark: Hashable {
    case empty
    case zeroLed
    case plusSigned
    /// Whole numbers of which one, the first of them here, exceeds 64 bits.
    case hugeIntegers(CellPosition)
    /// Texts with space around them, and the first.
    case spaced(count: Int, CellPosition)
    /// Nothing but whole numbers with several groups of digits.
    case groups(CellPosition)
    /// Whole numbers among others with fractions that doubles round.
    case rounded(CellPosition)
    case strays(count: Int, of: Int, expected: ColumnType, found: CellClass, CellPosition)
  }
}
