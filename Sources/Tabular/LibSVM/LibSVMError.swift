package import Diagnostics

/// Why a libsvm file cannot be read as a table: every kind of problem found, in the order of the file.
package struct LibSVMError: Error, Sendable, Hashable {
  /// The file as the user named it.
  package var file: String
  package var problems: [LibSVMProblem]

  init(_ file: String, _ problems: [LibSVMProblem]) {
    self.file = file
    self.problems = problems
  }
}

/// One thing that is wrong with a libsvm file.
package struct LibSVMProblem: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// Nothing but blank lines and comments.
    case noRows
    case notARegularFile
    case changedWhileRead
    /// A column to be kept that such a file does not have.
    case unknownColumn(String)
    case lineTooLong
    /// What stands first in a line is neither a number nor `index:number`.
    case badLabel
    /// Labels with commas between.
    case severalLabels
    /// `qid:`, the group of a ranking problem.
    case queryID
    /// Something else than `index:number`.
    case badPair
    case badNumber
    /// Beyond the range of doubles.
    case infiniteNumber
    case descendingIndex
    case repeatedIndex
    /// 2³¹ − 1 or more.
    case hugeIndex
  }

  package var kind: Kind
  /// Rows that have it; nil where that is not counted.
  package var count: Int?
  /// The first of them.
  package var place: Place?

  init(_ kind: Kind, count: Int? = nil, at place: Place? = nil) {
    self.kind = kind
    self.count = count
    self.place = place
  }

  /// The same where the file is read only up to the first.
  var uncounted: LibSVMProblem { LibSVMProblem(kind, at: place) }
}

/// The flaws of some lines: how many of each kind, and where the first is.
struct LibSVMFlaws: Sendable {
  private struct Tally: Sendable {
    var kind: LibSVMProblem.Kind
    var count: Int
    /// From 0.
    var line: Int
    var column: Int
  }

  private var tallies: [Tally] = []

  var isEmpty: Bool { tallies.isEmpty }

  mutating func add(_ kind: LibSVMProblem.Kind, line: Int, column: Int) {
    add(Tally(kind: kind, count: 1, line: line, column: column))
  }

  private mutating func add(_ tally: Tally) {
    if let known = tallies.firstIndex(where: { $0.kind == tally.kind }) {
      tallies[known].count += tally.count
    } else {
      tallies.append(tally)
    }
  }

  /// Adds those of later lines, the first of which is the `line`th.
  mutating func add(_ later: LibSVMFlaws, from line: Int) {
    for var tally in later.tallies {
      tally.line += line
      add(tally)
    }
  }

  func problems(in file: String) -> [LibSVMProblem] {
    tallies.map {
      LibSVMProblem($0.kind, count: $0.count, at: Place(file: file, line: $0.line + 1, column: $0.column))
    }
  }
}
