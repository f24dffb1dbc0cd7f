package import Diagnostics

/// Why a JSON Lines file cannot be read as a table: every kind of problem found, each with its first place.
package struct JSONLinesError: Error, Sendable, Hashable {
  /// The file as the user named it.
  package var file: String
  package var problems: [JSONLinesProblem]

  init(_ file: String, _ problems: [JSONLinesProblem]) {
    self.file = file
    self.problems = problems
  }
}

/// One kind of problem in a JSON Lines file.
package struct JSONLinesProblem: Sendable, Hashable {
  package var kind: Kind
  /// Lines that have it.
  package var count: Int
  package var first: Place

  /// What is wrong with a line.
  package enum Kind: Sendable, Hashable {
    case noRows
    case lineTooLong
    case changedWhileRead
    case notUTF8
    /// The line is a list, a text, a number or a word.
    case noObject(found: String)
    /// The line ends before what is open is closed.
    case unfinished
    case trailingText
    /// Something else stands where this is expected.
    case expected(String)
    case controlCharacter
    case badEscape
    /// Half a surrogate pair.
    case loneSurrogate
    case badNumber
    /// `NaN`, `Infinity`, or a number beyond the range of doubles.
    case notFinite
    case duplicateKey(String)
    case list(column: String)
    case tooDeep
    case tooManyColumns
  }
}
