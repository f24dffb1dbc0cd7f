/// A pattern of paths as shells have it: `*` and `?` within a part, `[a-z]` and `[!a-z]`, and `**` for any number of
/// folders. What begins with a dot is matched only by a part that does.
struct GlobPattern: Sendable {
  private let parts: [[UInt8]]
  let isAbsolute: Bool

  init(_ text: String) {
    isAbsolute = text.hasPrefix("/")
    parts = text.split(separator: "/").map { Array($0.utf8) }.filter { $0 != [UInt8(ascii: ".")] }
  }

  /// Whether a path is meant as a pattern, should no such file be there.
  static func isPattern(_ text: String) -> Bool { text.utf8.contains { isSpecial($0) } }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
  }

  /// The paths that match below `folder`, as seen from there (or absolute, as the pattern is), in byte order. `list` gives
  /// the names in a folder and whether each is a folder that may be entered.
  func matches(below folder: String, list: (String) throws -> [(name: String, isFolder: Bool)]) rethrows -> [String] {
    var found: Set<String> = []
    try collect(isAbsolute ? "/" : "", folder, parts[...], list, into: &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func collect(
    _ path: String, _ folder: String, _ rest: ArraySlice<[UInt8]>,
    _ list: (String) throws -> [(name: String, isFolder: Bool)],
    into found: inout Set<String>
  ) rethrows {
    guard let part = rest.first else { return }
    let absolute = isAbsolute ? path : path.isEmpty ? folder : folder + "/" + path
    func below(_ name: String) -> String { path.isEmpty || path == "/" ? path + name : path + "/" + name }
    let isAnyDepth = part == Array("**".utf8)
    if isAnyDepth, rest.count > 1 { try collect(path, folder, rest.dropFirst(), list, into: &found) }
    for (name, isFolder) in try list(absolute) {
      if isAnyDepth {
        if name.hasPrefix(".") { continue }
        if isFolder {
          try collect(below(name), folder, rest, list, into: &found)
        } else if rest.count == 1 {
          found.insert(below(name))
        }
      } else if GlobPattern.matches(part[...], Array(name.utf8)[...]) {
        if rest.count == 1 {
          if !isFolder { found.insert(below(name)) }
        } else if isFolder {
          try collect(below(name), folder, rest.dropFirst(), list, into: &found)
        }
      }
    }
  }

  /// Whether one part of a pattern matches one name. Takes as many steps as both are long, multiplied.
  static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    if name.first == UInt8(ascii: "."), pattern.first != UInt8(ascii: ".") { return false }
    var (pattern, name) = (pattern, name)
    /// Where to go on when what follows a `*` does not match: behind it, with one more byte taken.
    var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, name)
        continue
      }
      if let rest = one(pattern, name) {
        (pattern, name) = (rest, name.dropFirst())
        continue
      }
      if pattern.isEmpty, name.isEmpty { return true }
      guard let (behind, from) = retry, !from.isEmpty else { return false }
      (pattern, name) = (behind, from.dropFirst())
      retry = (pattern, name)
    }
  }

  /// What is left of the pattern when its first item matches the first byte of the name.
  private static func one(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let byte = name.first, let first = pattern.first else { return nil }
    if first == UInt8(ascii: "?") { return pattern.dropFirst() }
    if first == UInt8(ascii: "["), let (isIn, rest) = set(pattern.dropFirst(), byte) { return isIn ? rest : nil }
    return first == byte ? pattern.dropFirst() : nil
  }

  /// Whether a byte is in the set whose inside `pattern` begins with, and what stands behind the set; nil where it is not
  /// closed, so that the bracket means itself.
  private static func set(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> (isIn: Bool, rest: ArraySlice<UInt8>)? {
    var rest = pattern
    let isInverse = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
    if isInverse { rest = rest.dropFirst() }
    var isIn = false
    var isFirst = true
    while let item = rest.first, isFirst || item != UInt8(ascii: "]") {
      isFirst = false
      rest = rest.dropFirst()
      var last = item
      if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first, end != UInt8(ascii: "]") {
        last = end
        rest = rest.dropFirst(2)
      }
      if item <= byte, byte <= last { isIn = true }
    }
    return rest.isEmpty ? nil : (isIn != isInverse, rest.dropFirst())
  }
}
