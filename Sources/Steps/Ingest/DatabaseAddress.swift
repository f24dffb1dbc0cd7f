import Basics
package import Diagnostics
import Tabular
import Workflow

/// The address of a PostgreSQL database as a workflow writes it: a URL in which only references to secrets may stand where a
/// password belongs.
struct DatabaseAddress: Sendable {
  let written: String
  /// Between the scheme and the host: user, password, both or nothing; without the `@` behind them.
  private let login: Range<Int>
  private let bytes: [UInt8]

  /// Nil for what is no such address.
  init?(_ written: String) {
    guard isPostgreSQLAddress(written), let slashes = written.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    self.written = written
    bytes = Array(written.utf8)
    let start = written.utf8.distance(from: written.utf8.startIndex, to: slashes) + 2
    let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.count
    login = start..<(bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) ?? start)
  }

  /// Where the password stands; nil where there is none.
  private var password: Range<Int>? {
    var at = login.lowerBound
    while at < login.upperBound {
      if bytes[at...].starts(with: "${".utf8),
        let close = bytes[at..<login.upperBound].firstIndex(of: UInt8(ascii: "}"))
      {
        at = close
      } else if bytes[at] == UInt8(ascii: ":") {
        return at + 1..<login.upperBound
      }
      at += 1
    }
    return nil
  }

  /// Passwords that stand there letter by letter, as ranges of bytes.
  var literalPasswords: [Range<Int>] {
    var found: [Range<Int>] = []
    if let password, !isReference(password), !password.isEmpty { found.append(password) }
    for word in ["password=", "sslpassword="] {
      let word = Array(word.utf8)
      for at in bytes.indices where bytes[at...].starts(with: word) {
        guard at > 0, bytes[at - 1] == UInt8(ascii: "?") || bytes[at - 1] == UInt8(ascii: "&") else { continue }
        let start = at + word.count
        let value = start..<(bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count)
        if !isReference(value), !value.isEmpty { found.append(value) }
      }
    }
    return found
  }

  private func isReference(_ range: Range<Int>) -> Bool {
    let text = bytes[range]
    return text.starts(with: "${secret:".utf8) && text.firstIndex(of: UInt8(ascii: "}")) == range.upperBound - 1
  }

  /// What messages and records call it: without user and password, and without what is set behind the name.
  var name: String {
    let start = login.isEmpty ? login.lowerBound : login.upperBound + 1
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
    return String(decoding: bytes[..<login.lowerBound] + bytes[start..<end], as: UTF8.self)
  }

  /// The address with the values of its secrets, and these as they are and as they stand in it.
  func resolved(_ value: (String) throws -> String) rethrows -> (address: String, secrets: [String]) {
    var secrets: [String] = []
    let address = try expandSecrets(written) { name in
      let secret = try value(name)
      let encoded = percentEncoded(secret)
      secrets += [secret, encoded]
      return encoded
    }
    return (address, secrets)
  }
}

/// A text with everything but letters, digits and `-._~` encoded (RFC 3986, section 2.3).
private func percentEncoded(_ text: String) -> String {
  text.utf8.map { byte in
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
    default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }.joined()
}

/// What is wrong with the address of a database: passwords in it, and nothing that says what to read.
func databaseProblems(_ step: StepSpec) -> [Diagnostic] {
  guard let address = step.settings["source"]?.stringValue.flatMap(DatabaseAddress.init) else { return [] }
  var problems = address.literalPasswords.map { range in
    // The line is not shown: the password stands in it.
    var place = step.place(of: "source", within: range)
    place.excerpt = nil
    return Diagnostic.error(
      "password-in-address", "a password stands in the address, where everybody can read it", at: place,
      help: ["write ${secret:NAME}, and set the environment variable NAME or a file in MLFLOWCTL_SECRETS"])
  }
  if step.settings["query"] == nil, step.settings["table"] == nil {
    problems.append(
      .error(
        "no-query", "a PostgreSQL source needs one of 'query' and 'table'", at: step.keyPlace(of: "source"),
        help: ["write 'table: NAME' for all of a table, 'query: SELECT …' for less"]))
  }
  return problems
}

/// What is wrong with the address of a database on the command line, without showing it; `selects` says whether a table or a
/// query is named.
package func addressProblems(_ address: String, selects: Bool) -> [Diagnostic] {
  guard let address = DatabaseAddress(address) else { return [] }
  var problems: [Diagnostic] = []
  if !address.literalPasswords.isEmpty {
    problems.append(
      .error(
        "password-in-address",
        "a password stands in the address of '\(address.name)', where everybody can read it",
        help: [
          "write ${secret:NAME} in its place, in single quotes so that the shell leaves it alone, and set the environment variable NAME or a file in MLFLOWCTL_SECRETS"
        ]))
  }
  if !selects {
    problems.append(
      .error(
        "no-query", "a PostgreSQL source needs one of --table and --query",
        help: ["write --table NAME for all of a table, --query 'SELECT …' for less"]))
  }
  return problems
}

/// What messages call the database of an address: without user, password and what is set behind the name. Nil for what is no
/// such address.
package func databaseName(_ address: String) -> String? { DatabaseAddress(address)?.name }
