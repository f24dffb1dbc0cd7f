package import Basics

/// A regular expression that a text must match as a whole.
///
/// It is read into an automaton, so that a text is matched in time that grows with its length and with that of the
/// expression, and never with its square or worse (Thompson, "Regular Expression Search Algorithm", CACM 11, 1968). What
/// such a machine cannot do is refused where it is written: back references, look-ahead and look-behind, atomic groups and
/// possessive quantifiers. It works on Unicode scalars. The language is described in `docs/validation.md`.
package struct Pattern: Sendable, Hashable {
  /// As it is written.
  package let text: String
  private let program: PatternProgram

  /// Throws what cannot be read, with its place.
  package init(_ text: String) throws(PatternProblem) {
    self.text = text
    var parser = PatternParser(text)
    program = try PatternProgram(parser.parse())
  }

  /// A matcher, for one thread at a time.
  package func matcher(_ cancellation: Cancellation = .process) -> PatternMatcher {
    PatternMatcher(program, cancellation)
  }

  /// Whether a text matches. Many texts are matched sooner with one `matcher`. Throws `Cancelled`.
  package func matches(_ text: String) throws -> Bool { try matcher().matches(text) }

  package static func == (left: Pattern, right: Pattern) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  package func hash(into hasher: inout Hasher) { hasher.combine(Array(text.utf8)) }
}

/// Why a regular expression cannot be read.
package struct PatternProblem: Error, Sendable, Hashable {
  /// Bytes from the start.
  package var offset: Int
  /// Bytes that it covers.
  package var length: Int
  /// As in "this is no regular expression: a group is not closed".
  package var message: String
}

/// What a regular expression is made of.
indirect enum PatternNode: Sendable {
  case empty
  case scalar(ScalarSet)
  case assertion(Assertion)
  case sequence([PatternNode])
  case choice([PatternNode])
  /// `most` is nil for any number.
  case repeated(PatternNode, least: Int, most: Int?)

  /// What holds between two characters.
  enum Assertion: Sendable {
    case start, end, wordBoundary, noWordBoundary
  }
}
