package import Diagnostics

extension JSONLinesError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] { problems.map(\.diagnostic) }
}

extension JSONLinesProblem {
  fileprivate var diagnostic: Diagnostic {
    let (code, message, help) = kind.words
    let lines = count > 1 ? " (\(counted(count, "line")) affected)" : ""
    return .error(code, message + lines, at: first, help: help)
  }
}

extension JSONLinesProblem.Kind {
  /// What a line that is left out is told to have, and the column it concerns.
  var rejection: (kind: String, column: String) {
    switch self {
    case .noRows, .lineTooLong, .changedWhileRead, .tooManyColumns: (words.message, "")
    case .notUTF8: ("not UTF-8", "")
    case .noObject(let found): ("\(found) where an object should be", "")
    case .unfinished: ("a line that ends before its object", "")
    case .trailingText: ("text behind the object", "")
    case .expected(let what): ("no JSON, expected \(what)", "")
    case .controlCharacter: ("a control character in a text", "")
    case .badEscape: ("an escape that does not exist", "")
    case .loneSurrogate: ("half a surrogate pair", "")
    case .badNumber: ("no number of JSON", "")
    case .notFinite: ("a number that is not finite", "")
    case .duplicateKey(let key): ("a key that stands twice", key)
    case .list(let column): ("a list", column)
    case .tooDeep: ("objects more than 64 deep in each other", "")
    }
  }

  private var limitHelp: [String] { ["look for a line break that is missing"] }

  fileprivate var words: (code: String, message: String, help: [String]) {
    switch self {
    case .noRows: ("no-rows", "the file has no rows", [])
    case .lineTooLong: ("line-too-long", "the line that begins here has more than \(recordLimitText)", limitHelp)
    case .changedWhileRead:
      (
        "file-changed", "the file was changed while it was read",
        ["wait until it is complete and run the same command again"]
      )
    case .notUTF8:
      (
        "not-utf8", "the text is not UTF-8", ["if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8 OLD > NEW"]
      )
    case .noObject("a list"):
      (
        "no-object", "the line is a list, expected an object on each line",
        ["if the file is one list, take it apart: jq -c '.[]' OLD > NEW"]
      )
    case .noObject(let found): ("no-object", "the line is \(found), expected an object on each line", [])
    case .unfinished:
      (
        "unfinished-object", "the line ends before its object does",
        ["write each object on one line: jq -c . OLD > NEW"]
      )
    case .trailingText: ("trailing-text", "there is text behind the object", ["write each object on a line of its own"])
    case .expected(let what): ("bad-json", "this is no JSON, expected \(what)", [])
    case .controlCharacter:
      ("bad-json", "there is a control character in a text", ["write it as an escape, such as \\t"])
    case .badEscape: ("bad-json", "there is no such escape", ["write \\\\ for a backslash"])
    case .loneSurrogate:
      ("bad-json", "half a surrogate pair stands alone", ["write both halves, or the character itself"])
    case .badNumber:
      ("bad-json", "this is no number of JSON", ["zeros do not lead, digits stand on both sides of a point"])
    case .notFinite:
      ("not-finite", "the number is not finite, which JSON does not have", ["write null where there is no value"])
    case .duplicateKey(let key): ("duplicate-key", "'\(key)' stands twice in one object", [])
    case .list(let column):
      (
        "list-in-column", "column '\(column)' holds a list, expected one value",
        ["declare it as text under ingest.columns to keep its JSON"]
      )
    case .tooDeep: ("too-deep", "objects lie more than 64 deep in each other", [])
    case .tooManyColumns:
      ("too-many-columns", "there are more than 20000 different keys", ["look for keys that are values"])
    }
  }
}
