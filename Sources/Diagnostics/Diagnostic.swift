/// One thing to tell the user: how bad it is, where it is, what was found and expected, and how to mend it.
///
/// A diagnostic is data. Modules make them, `Commands` and `Serving` render them; nothing else prints.
package struct Diagnostic: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, Comparable {
    case note, warning, error

    package static func < (left: Self, right: Self) -> Bool {
      func rank(_ severity: Self) -> Int { severity == .note ? 0 : severity == .warning ? 1 : 2 }
      return rank(left) < rank(right)
    }
  }

  package var severity: Severity
  /// A stable kebab-case word for programs, such as `unknown-step`.
  package var code: String
  /// One lower-case phrase without a full stop.
  package var message: String
  package var place: Place?
  /// What to do about it, one sentence a line; each is rendered behind `help:`.
  package var help: [String]
  /// Further facts, each rendered behind `note:`, with a place of its own where it has one.
  package var notes: [Note]

  package struct Note: Sendable, Hashable {
    package var message: String
    package var place: Place?

    package init(_ message: String, at place: Place? = nil) {
      self.message = message
      self.place = place
    }
  }

  package init(
    severity: Severity, _ code: String, _ message: String, at place: Place? = nil, help: [String] = [],
    notes: [Note] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.place = place
    self.help = help
    self.notes = notes
  }

  package static func error(
    _ code: String, _ message: String, at place: Place? = nil, help: [String] = [], notes: [Note] = []
  ) -> Diagnostic {
    Diagnostic(severity: .error, code, message, at: place, help: help, notes: notes)
  }

  package static func warning(
    _ code: String, _ message: String, at place: Place? = nil, help: [String] = [], notes: [Note] = []
  ) -> Diagnostic {
    Diagnostic(severity: .warning, code, message, at: place, help: help, notes: notes)
  }
}

/// A place in a file. Lines and columns count from 1; a column counts bytes of UTF-8 less continuation bytes, that is
/// Unicode scalars, as compilers do.
package struct Place: Sendable, Hashable {
  package var file: String
  package var line: Int?
  package var column: Int?
  /// How many columns the underline covers, at least 1.
  package var length: Int
  /// The text of the line, for the excerpt under the message; nil where it would show users' data.
  package var excerpt: String?

  package init(file: String, line: Int? = nil, column: Int? = nil, length: Int = 1, excerpt: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.length = length
    self.excerpt = excerpt
  }
}
