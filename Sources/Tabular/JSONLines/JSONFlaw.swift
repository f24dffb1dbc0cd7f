import Diagnostics

/// What is wrong with a line, and where in its piece.
struct JSONFlaw: Error, @unchecked Sendable {
  var kind: JSONLinesProblem.Kind
  var at: UnsafePointer<UInt8>

  /// Where it shows in the line that begins at `line`: characters, from 1.
  func column(inLine line: UnsafePointer<UInt8>) -> Int {
    UnsafeBufferPointer(start: line, count: max(0, at - line)).count { $0 & 0xC0 != 0x80 } + 1
  }
}

/// The kinds of flaws of a file: how many lines have each, and where the first stands.
struct JSONFlaws: Sendable {
  private var found: [JSONLinesProblem.Kind: (count: Int, line: Int, column: Int)] = [:]

  var isEmpty: Bool { found.isEmpty }

  func contains(_ kind: JSONLinesProblem.Kind) -> Bool { found[kind] != nil }

  mutating func add(_ kind: JSONLinesProblem.Kind, line: Int, column: Int, count: Int = 1) {
    var known = found[kind] ?? (0, line, column)
    known.count += count
    found[kind] = known
  }

  /// Adds those of a later piece, whose lines count from its start.
  mutating func add(_ later: JSONFlaws, from line: Int) {
    for (kind, flaw) in later.found { add(kind, line: line + flaw.line, column: flaw.column, count: flaw.count) }
  }

  /// In the order of their first places.
  func problems(in file: String) -> [JSONLinesProblem] {
    found.sorted { ($0.value.line, $0.value.column) < ($1.value.line, $1.value.column) }.map { kind, flaw in
      JSONLinesProblem(
        kind: kind, count: flaw.count, first: Place(file: file, line: flaw.line + 1, column: flaw.column))
    }
  }
}
