/// How numbers are written where the decimal point is no point or digits stand in groups.
struct NumberDialect: Sendable {
  private let decimal: UInt8
  private let thousands: UInt8
  private let isPlain: Bool
  /// Whether groups of digits were told by the text, so that digits in groups may be something else.
  private let areGroupsGuessed: Bool

  init(_ dialect: CSVDialect) {
    decimal = dialect.decimal
    thousands = dialect.thousands
    areGroupsGuessed = dialect.thousandsAreGuessed
    isPlain = decimal == UInt8(ascii: ".") && thousands == 0
  }

  /// Calls `body` with a cell in the usual writing: a number of this dialect with a point and without groups, anything else
  /// as it is, where it does not look like a number of the usual writing.
  @inline(__always)
  func withPlain<Result>(
    _ cell: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    if isPlain { return body(cell) }
    return (plain(cell) ?? unlikeNumber(cell)).withUnsafeBufferPointer(body)
  }

  /// What a cell looks like.
  func cellClass(_ cell: UnsafeBufferPointer<UInt8>) -> CellClass {
    let found = withPlain(cell) { CellClass($0, .none) }
    return areGroupsGuessed ? grouped(found, cell) : found
  }

  /// The same, sooner for most texts.
  @inline(__always)
  func cellClass(quickly cell: UnsafeBufferPointer<UInt8>) -> CellClass {
    let found = withPlain(cell) { CellClass(quickly: $0, .none) }
    return areGroupsGuessed ? grouped(found, cell) : found
  }

  /// The class of a cell of which `found` was told without its groups.
  private func grouped(_ found: CellClass, _ cell: UnsafeBufferPointer<UInt8>) -> CellClass {
    guard found == .integer || found == .inexact else { return found }
    let groups = cell.count { $0 == thousands }
    return groups == 0 ? found : groups == 1 ? .groupedOnce : .grouped
  }

  /// What is no number of this dialect. One of the usual writing, such as `1.5` with a decimal comma, is text: it comes
  /// back with a mark that no number has.
  private func unlikeNumber(_ cell: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    NumberText(cell) == nil ? Array(cell) : Array(cell) + [0x7F]
  }

  /// `1.234,5` as `1234.5`. Groups must have three digits, the first one to three.
  private func plain(_ cell: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    var digitsInGroup = 0
    var groups = 0
    var at = 0
    if at < cell.count, cell[at] == UInt8(ascii: "-") || cell[at] == UInt8(ascii: "+") {
      out.append(cell[at])
      at += 1
    }
    while at < cell.count {
      let byte = cell[at]
      if byte &- UInt8(ascii: "0") < 10 {
        out.append(byte)
        digitsInGroup += 1
      } else if thousands != 0, byte == thousands {
        guard groups == 0 ? (1...3).contains(digitsInGroup) : digitsInGroup == 3 else { return nil }
        groups += 1
        digitsInGroup = 0
      } else {
        break
      }
      at += 1
    }
    if groups > 0, digitsInGroup != 3 { return nil }
    if at < cell.count, cell[at] == decimal {
      out.append(UInt8(ascii: "."))
      at += 1
    } else if at < cell.count, cell[at] == UInt8(ascii: ".") {
      return nil
    }
    return out + cell[at...]
  }
}
