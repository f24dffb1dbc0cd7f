extension CSVSniffer {
  /// Texts that stand for a missing value in many files, in lower case.
  private static let usualMarkers: Set<String> = [
    "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "\\n",
  ]

  /// Whether the text begins with a line of names, and whether that is sure; `dialect` is what it is written in.
  func header(_ dialect: CSVDialect, missing: [String]) -> (isThere: Bool, isSure: Bool) {
    if let header = request.header { return (header, true) }
    let records = records(dialect)
    guard let first = records.first else { return (true, true) }
    let rest = records.dropFirst().filter { $0.count == first.count }
    if rest.isEmpty { return (true, true) }
    let numbers = NumberDialect(dialect)
    var continued: [Int] = []
    var isNamed = false
    for (column, cell) in first.enumerated() {
      guard let head = Kind(cell.content, numbers) else { continue }
      let kinds = rest.compactMap { Kind($0[column].content, numbers) }
      let alike = kinds.count { $0 == head }
      switch head {
      case .number, .date: if alike > 0, alike * 2 >= kinds.count { continued.append(column) }
      case .text:
        let isMarker = Self.isMarker(String(decoding: cell.content, as: UTF8.self), missing)
        if !isMarker, (kinds.count - alike) * 2 > kinds.count { isNamed = true }
      case .boolean: break
      }
    }
    if continued.isEmpty { return (true, true) }
    if isNamed { return (true, Set(first.map(\.content)).count == first.count && areSeries(first, continued, rest)) }
    // What stands twice is no name.
    if Set(first.map(\.content)).count < first.count { return (false, true) }
    let isHeader = areSeries(first, continued, rest)
    return (isHeader, false)
  }

  private static func isMarker(_ text: String, _ missing: [String]) -> Bool {
    missing.contains(text) || usualMarkers.contains(text.lowercased())
  }

  /// What a cell of the first record has in common with those below it.
  private enum Kind {
    case number, date, boolean, text

    /// Nil for an empty cell.
    init?(_ content: [UInt8], _ numbers: NumberDialect) {
      switch content.withUnsafeBufferPointer({ numbers.cellClass($0) }) {
      case .missing, .notFinite: return nil
      case .text: self = .text
      case .boolean: self = .boolean
      case .date, .timestamp: self = .date
      default: self = .number
      }
    }
  }

  /// Whether cells of the first record, over values of their kind, are names all the same: years that rise or fall over
  /// what are no years, or 0, 1, 2, … or 1, 2, 3, … from the first column on, or behind one without a name.
  private func areSeries(_ first: [Cell], _ columns: [Int], _ rest: [[Cell]]) -> Bool {
    func integer(_ cell: Cell) -> Int64? { cell.content.withUnsafeBufferPointer { NumberText($0)?.integer } }
    let values = columns.map { integer(first[$0]) }
    if columns.count < 2 || values.contains(nil) { return false }
    let names = values.compactMap(\.self)
    let steps = zip(names, names.dropFirst()).map { $1 - $0 }
    func isYear(_ value: Int64) -> Bool { (1500...2200).contains(value) }
    if names.allSatisfy(isYear), steps.allSatisfy({ $0 > 0 }) || steps.allSatisfy({ $0 < 0 }) {
      return rest.contains { record in columns.contains { integer(record[$0]).map(isYear) != true } }
    }
    guard steps.allSatisfy({ $0 == 1 }), names[0] == 0 || names[0] == 1 else { return false }
    let isWhole = columns.count == first.count || first[0].content.isEmpty && columns.count == first.count - 1
    return isWhole && (columns.count > 2 || first[0].content.isEmpty)
  }
}
