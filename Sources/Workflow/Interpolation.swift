/// The text of a scalar with `${env:NAME}` and `${env:NAME:-default}` replaced.
struct Interpolation {
  private(set) var text = ""
  /// Whether the text differs from what is written, so that places inside it are lost.
  private(set) var isChanged = false
  /// Offsets are those of the text as written.
  private(set) var problems: [TextProblem] = []

  /// `${secret:NAME}` stays as it is where `allowsSecrets`, and is a problem elsewhere. `${` with anything else behind it
  /// is ordinary text, so that shell commands read as they are.
  init(_ written: String, environment: (String) -> String?, allowsSecrets: Bool) {
    var rest = Substring(written)
    while let start = rest.firstRange(of: "${") {
      text += rest[..<start.lowerBound]
      rest = rest[start.lowerBound...]
      let isSecret = rest.hasPrefix("${secret:")
      guard isSecret || rest.hasPrefix("${env:") else {
        text += "${"
        rest = rest.dropFirst(2)
        continue
      }
      guard let close = rest.firstIndex(of: "}") else {
        complain(rest, of: written, "unclosed-reference", "'\(isSecret ? "${secret:" : "${env:")' is not closed by '}'")
        break
      }
      let reference = rest[...close]
      let inside = reference.dropFirst(isSecret ? 9 : 6).dropLast()
      if isSecret {
        replaceSecret(reference, inside, of: written, isAllowed: allowsSecrets)
      } else {
        replaceVariable(reference, inside, of: written, environment)
      }
      rest = rest[close...].dropFirst()
    }
    text += rest
  }

  private mutating func replaceSecret(
    _ reference: Substring, _ name: Substring, of written: String, isAllowed: Bool
  ) {
    text += reference
    if !isAllowed {
      complain(
        reference, of: written, "secret-not-allowed", "a secret may not stand here",
        help: ["a secret may stand where a password or a token is wanted, such as under 'secrets' of a command"])
    } else if !isName(name) {
      complain(reference, of: written, "bad-reference", "'${secret:NAME}' needs a name of letters, digits and '_'")
    }
  }

  private mutating func replaceVariable(
    _ reference: Substring, _ inside: Substring, of written: String, _ environment: (String) -> String?
  ) {
    isChanged = true
    let separator = inside.firstRange(of: ":-")
    let name = separator.map { inside[..<$0.lowerBound] } ?? inside
    guard isName(name) else {
      complain(reference, of: written, "bad-reference", "'${env:NAME}' needs a name of letters, digits and '_'")
      return
    }
    if let value = environment(String(name)) ?? separator.map({ String(inside[$0.upperBound...]) }) {
      text += value
    } else {
      complain(
        reference, of: written, "unset-variable", "environment variable \(quoted(String(name))) is not set",
        help: ["set it, or give a default: ${env:\(name):-value}"])
    }
  }

  private func isName(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
  }

  private mutating func complain(
    _ part: Substring, of written: String, _ code: String, _ message: String, help: [String] = []
  ) {
    let offset = written.utf8.distance(from: written.startIndex, to: part.startIndex)
    problems.append(TextProblem(offset: offset, length: part.utf8.count, code: code, message: message, help: help))
  }
}

extension Substring {
  /// The first occurrence of an ASCII `word`.
  fileprivate func firstRange(of word: String) -> Range<Index>? {
    let wanted = Array(word.utf8)
    var start = utf8.startIndex
    while start < utf8.endIndex {
      guard let found = utf8[start...].firstIndex(of: wanted[0]) else { return nil }
      if utf8[found...].starts(with: wanted) { return found..<utf8.index(found, offsetBy: wanted.count) }
      start = utf8.index(after: found)
    }
    return nil
  }
}
