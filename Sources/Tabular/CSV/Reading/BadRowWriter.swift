import Basics

/// Writes the records that were left out as a CSV file: `file,line,reason,column,record`, the record as it stands.
final class BadRowWriter {
  private let file: FileHandle
  static let header = "file,line,reason,column,record\n"

  private let source: String
  private let names: [String]
  private var pending = Array(BadRowWriter.header.utf8)
  private(set) var counts: [String: Int] = [:]

  var count: Int { counts.values.reduce(0, +) }

  /// `path` must not exist yet; `names` are those of the columns of `source`.
  init(creating path: String, file source: String, names: [String]) throws {
    self.source = source
    file = try FileHandle(creating: path)
    self.names = names
  }

  /// Adds a record; they come in order.
  func add(_ rejection: Rejection) throws {
    let (kind, column) = rejection.reason.words(names)
    counts[kind, default: 0] += 1
    CSVText.append(source, to: &pending)
    pending += Array(",\(rejection.line),".utf8)
    CSVText.append(kind, to: &pending)
    pending.append(UInt8(ascii: ","))
    CSVText.append(column, to: &pending)
    pending.append(UInt8(ascii: ","))
    CSVText.appendQuoted(rejection.record, to: &pending)
    pending.append(lineFeed)
    if pending.count > 1 << 16 { try flush() }
  }

  private func flush() throws {
    try file.write(pending)
    pending.removeAll(keepingCapacity: true)
  }

  func finish() throws { try flush() }
}

extension RejectedRecord.Reason {
  /// The kind of what is wrong, and the column it concerns.
  func words(_ names: [String]) -> (kind: String, column: String) {
    switch self {
    case .ragged(let found):
      ("\(counted(found, "cell")) where there should be \(names.count)", "")
    case .flaw(.textAfterQuote): ("text behind a quoted cell", "")
    case .flaw(.unclosedQuote): ("a quote that is not closed", "")
    case .flaw(.nulByte): ("a NUL byte", "")
    case .flaw(.notUTF8): ("not UTF-8", "")
    case .json(let kind, _): kind.rejection
    case .mistyped(let column, let found): (CSVProblem.Misfit(found).phrase, names[column])
    }
  }
}

/// Puts the records that were left out of several files together; takes the files away.
package func joinBadRows(_ paths: [String], into output: String) throws {
  let file = try FileHandle(creating: output)
  try file.write(Array(BadRowWriter.header.utf8))
  for path in paths {
    try file.write(Array(Files.read(path).dropFirst(BadRowWriter.header.utf8.count)))
    try Files.remove(path)
  }
}
