/// The missing markers of a typed source: texts, and what of them are numbers for columns of numbers.
struct TypedMarkers: Sendable {
  private let texts: [[UInt8]]
  private let integers: [Int64]
  private let numbers: [Double]

  /// `inf` and `-inf` stand for the infinite numbers.
  init(_ missing: [String]) {
    texts = missing.map { Array($0.utf8) }
    let parsed = texts.compactMap { text in
      text.withUnsafeBufferPointer { bytes in NumberText(bytes).map { ($0.integer, nearestDouble($0, bytes)) } }
    }
    integers = parsed.compactMap(\.0)
    numbers =
      parsed.map(\.1)
      + missing.compactMap { text in
        switch text.lowercased() {
        case "inf", "+inf", "infinity": Double.infinity
        case "-inf", "-infinity": -Double.infinity
        default: nil
        }
      }
  }

  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    for marker in texts where marker.count == text.count && text.elementsEqual(marker) { return true }
    return false
  }

  func contains(_ integer: Int64) -> Bool { integers.contains(integer) }

  func contains(_ number: Double) -> Bool { numbers.contains(number) }

  /// Whether a column of this type can hold one.
  func concern(_ type: ColumnType) -> Bool {
    switch type {
    case .integer: !integers.isEmpty
    case .number: !numbers.isEmpty
    case .text, .category: !texts.isEmpty
    default: false
    }
  }
}
