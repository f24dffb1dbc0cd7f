package import Basics
package import Diagnostics
import Tabular
import Workflow

/// The settings of `ingest` that say how a CSV file is written. Left out, the text tells.
let csvGrammar: [SettingGrammar] = [
  SettingGrammar(
    "delimiter", "What stands between the cells of a CSV file; one character or `tab`.", .text),
  SettingGrammar("quote", "What stands around cells: one character, or `none`.", .text),
  SettingGrammar("escape", "What takes the meaning of the character behind it: one character, or `none`.", .text),
  SettingGrammar("comment", "What begins a line that is no record: one character, or `none`.", .text),
  SettingGrammar("header", "Whether the first line holds the names of the columns.", .boolean),
  SettingGrammar("decimal", "What stands before the fraction of a number: `.` or `,`.", .choice([".", ","])),
  SettingGrammar(
    "thousands", "What stands between groups of three digits: one character, `space`, or `none`.", .text),
  SettingGrammar("trim", "Whether space around texts without quotes is left out.", .boolean),
  SettingGrammar(
    "encoding", "How characters are written; left out, UTF-8, or UTF-16 where a byte order mark says so.",
    .choice(TextEncoding.allCases.map(\.rawValue))),
]

/// The names of settings that concern CSV files alone.
let csvSettingNames = csvGrammar.map(\.name)

/// The names of settings that concern files whose records may be no rows.
let badRowSettingNames = ["bad_rows", "max_bad"]

extension CSVFormat {
  /// The format that the settings of an action ask for.
  init(settings: JSON, declared: [String: ColumnType], isTabbed: Bool) {
    self.init()
    var request = DialectRequest()
    func byte(_ name: String) -> UInt8? { settings[name]?.stringValue.flatMap(dialectByte) }
    request.delimiter = byte("delimiter") ?? (isTabbed ? 9 : nil)
    request.quote = byte("quote")
    request.escape = byte("escape")
    request.comment = byte("comment")
    request.decimal = byte("decimal")
    request.thousands = byte("thousands")
    request.header = settings["header"]?.boolValue
    self.request = request
    trims = settings["trim"]?.boolValue ?? false
    encoding = settings["encoding"]?.stringValue.flatMap(TextEncoding.init(rawValue:))
    missing = (settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue)
    badRows = settings["bad_rows"]?.stringValue.flatMap(BadRowPolicy.init(rawValue:)) ?? .fail
    self.declared = declared
  }
}

/// The byte that a word of a dialect means, 0 for `none`; nil where it is none.
func dialectByte(_ word: String) -> UInt8? {
  switch word {
  case "tab": 9
  case "space": UInt8(ascii: " ")
  case "none": 0
  default: word.utf8.count == 1 ? word.utf8.first : nil
  }
}

/// Words that are no bytes of a dialect, and bytes with two meanings.
func dialectProblems(_ step: StepSpec) -> [Diagnostic] {
  dialectProblems(step.settings, named: { $0 }) { step.place(of: $0) }
}

/// The same of settings that stand anywhere; messages call each what `named` says.
package func dialectProblems(
  _ settings: JSON, named: (String) -> String, place: (String) -> Place?
) -> [Diagnostic] {
  var problems: [Diagnostic] = []
  var meanings: [UInt8: String] = [:]
  for name in ["delimiter", "quote", "escape", "comment", "decimal", "thousands"] {
    guard let word = settings[name]?.stringValue else { continue }
    guard let byte = dialectByte(word), byte != lineFeed, byte != carriageReturn,
      name != "delimiter" || byte != 0 && byte != UInt8(ascii: "\"")
    else {
      problems.append(
        .error(
          "bad-\(name)",
          "'\(named(name))' is \(word.debugDescription), expected one ASCII character\(alternative(name))",
          at: place(name)))
      continue
    }
    if byte == 0 { continue }
    // A quote may be escaped by being doubled.
    if let other = meanings[byte], !(other == "quote" && name == "escape") {
      problems.append(
        .error(
          "two-meanings", "'\(named(name))' and '\(named(other))' are the same character", at: place(name),
          help: ["change one of them"]))
    }
    meanings[byte] = name
  }
  return problems
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

private func alternative(_ name: String) -> String {
  switch name {
  case "delimiter": " other than a quote, or 'tab'"
  case "thousands": ", 'space' or 'none'"
  default: ", or 'none'"
  }
}
