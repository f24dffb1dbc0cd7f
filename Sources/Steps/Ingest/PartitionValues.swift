/// What the folders on the way to a file say: `year=2024/country=DE/…`, as Hive and all after it lay files out.
struct PartitionValues: Sendable, Hashable {
  /// In the order of the path; nil where the value is missing.
  private(set) var values: [(name: String, text: String?)] = []

  /// The parts of `path` that name a value; the file's own name is none. Names and values are percent-decoded;
  /// `__HIVE_DEFAULT_PARTITION__` and nothing are missing.
  init(_ path: String) {
    for part in path.split(separator: "/").dropLast() {
      guard let equals = part.firstIndex(of: "="), equals != part.startIndex else { continue }
      let value = String(part[part.index(after: equals)...])
      let isMissing = value.isEmpty || value == "__HIVE_DEFAULT_PARTITION__"
      values.append((percentDecoded(String(part[..<equals])), isMissing ? nil : percentDecoded(value)))
    }
  }

  var names: [String] { values.map(\.name) }

  static func == (left: PartitionValues, right: PartitionValues) -> Bool {
    left.names == right.names && left.values.map(\.text) == right.values.map(\.text)
  }

  func hash(into hasher: inout Hasher) { for (name, text) in values { hasher.combine(name + "=" + (text ?? "")) } }
}

/// `%41` is `A`; what is no pair of hex digits stays, and so does all where the outcome is no UTF-8.
private func percentDecoded(_ text: String) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), let high = hexValue(rest.first), let low = hexValue(rest.dropFirst().first) {
      bytes.append(high << 4 | low)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return String(validating: bytes, as: UTF8.self) ?? text
}

private func hexValue(_ byte: UInt8?) -> UInt8? {
  switch byte {
  case .some(let digit) where (48...57).contains(digit): digit - 48
  case .some(let letter) where (97...102).contains(letter | 32): (letter | 32) - 87
  default: nil
  }
}
