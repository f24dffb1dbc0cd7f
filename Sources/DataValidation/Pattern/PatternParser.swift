/// Reads a regular expression from left to right.
struct PatternParser {
  let scalars: [Unicode.Scalar]
  private(set) var at = 0
  private var depth = 0
  private var ignoresCase = false
  private var dotTakesAll = false
  /// Groups within groups.
  private static let depthLimit = 100

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func parse() throws(PatternProblem) -> PatternNode {
    let node = try choice()
    if at < scalars.count { throw problem("a ')' closes no group") }
    return node
  }

  var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  /// The problem with what stands next, or with what stands from `start` up to here.
  func problem(_ message: String, from start: Int? = nil) -> PatternProblem {
    let first = min(start ?? at, scalars.count)
    let last = start == nil ? min(first + 1, scalars.count) : max(first, at)
    func bytes(_ range: Range<Int>) -> Int { scalars[range].reduce(0) { $0 + UTF8.width($1) } }
    return PatternProblem(offset: bytes(0..<first), length: max(1, bytes(first..<last)), message: message)
  }

  mutating func take(_ word: String) -> Bool {
    guard scalars[at...].starts(with: word.unicodeScalars) else { return false }
    at += word.unicodeScalars.count
    return true
  }

  private mutating func choice() throws(PatternProblem) -> PatternNode {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(PatternProblem) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = at
      parts.append(try quantified(try atom(), from: start))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func atom() throws(PatternProblem) -> PatternNode {
    guard let scalar = next else { return .empty }
    switch scalar {
    case "(": return try group()
    case "[": return .scalar(try characterClass())
    case "\\": return try escape()
    case "*", "+", "?": throw problem("there is nothing before '\(scalar)' to be repeated")
    default: break
    }
    at += 1
    switch scalar {
    case ".": return .scalar(dotTakesAll ? ScalarSet(isNegated: true) : ScalarSet(.named(.lineBreak), isNegated: true))
    case "^": return .assertion(.start)
    case "$": return .assertion(.end)
    default: return .scalar(ScalarSet(scalar, ignoresCase: ignoresCase))
    }
  }

  private mutating func group() throws(PatternProblem) -> PatternNode {
    let start = at
    at += 1
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw problem("groups stand in more than \(Self.depthLimit) others", from: start) }
    let flags = (ignoresCase, dotTakesAll)
    if take("?") {
      for (sign, words) in [
        ("=", "look-ahead"), ("!", "look-ahead"), ("<=", "look-behind"), ("<!", "look-behind"), (">", "atomic groups"),
      ] where take(sign) {
        throw problem("\(words) cannot be matched in time that grows with the text alone, and is not read", from: start)
      }
      if take("<") || take("P<") {
        while let scalar = next, scalar.isPartOfWord { at += 1 }
        if !take(">") { throw problem("expected the end of a group's name, '>'") }
      } else if !take(":") {
        try setFlags()
        // They last to the end of the group around.
        if take(")") { return .empty }
        if !take(":") { throw problem("expected ':' or ')'") }
      }
    }
    let node = try choice()
    if !take(")") { throw problem("this group is not closed", from: start) }
    (ignoresCase, dotTakesAll) = flags
    return node
  }

  private mutating func setFlags() throws(PatternProblem) {
    var value = true
    while let scalar = next, scalar != ":", scalar != ")" {
      switch scalar {
      case "-": value = false
      case "i": ignoresCase = value
      case "s": dotTakesAll = value
      default: throw problem("there is no flag '\(scalar)', only i and s")
      }
      at += 1
    }
  }

  /// What is behind an atom, as often as it stands there.
  private mutating func quantified(_ atom: PatternNode, from start: Int) throws(PatternProblem) -> PatternNode {
    guard let (least, most) = try quantifier() else { return atom }
    // Which of several matches is taken makes no difference to a match of the whole.
    if !take("?"), take("+") {
      throw problem("possessive quantifiers are not read", from: start)
    }
    if next == "*" || next == "+" || next == "?" { throw problem("there is nothing before this to be repeated") }
    if try quantifier() != nil { throw problem("this is repeated twice", from: start) }
    return .repeated(atom, least: least, most: most)
  }

  private mutating func quantifier() throws(PatternProblem) -> (least: Int, most: Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = at
    guard take("{") else { return nil }
    let least = number()
    let hasComma = take(",")
    let most = hasComma ? number() : least
    guard least != nil || most != nil, take("}") else {
      // A brace stands for itself where it counts nothing.
      at = start
      return nil
    }
    if let most, most < least ?? 0 { throw problem("the first number is above the second", from: start) }
    return (least ?? 0, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      // What is too large is refused when it is laid out.
      value = min(1_000_000, (value ?? 0) * 10 + Int(scalar.value - 48))
      at += 1
    }
    return value
  }
}

extension PatternParser {
  /// What a backslash begins.
  private mutating func escape() throws(PatternProblem) -> PatternNode {
    let start = at
    at += 1
    guard let scalar = next else { throw problem("there is nothing behind '\\'", from: start) }
    at += 1
    switch scalar {
    case "b": return .assertion(.wordBoundary)
    case "B": return .assertion(.noWordBoundary)
    case "A": return .assertion(.start)
    case "z", "Z": return .assertion(.end)
    case "R":
      return .choice([
        .sequence("\r\n".unicodeScalars.map { .scalar(ScalarSet($0, ignoresCase: false)) }),
        .scalar(ScalarSet(.named(.lineBreak))),
      ])
    case "Q":
      var parts: [PatternNode] = []
      while !take("\\E"), let scalar = next {
        parts.append(.scalar(ScalarSet(scalar, ignoresCase: ignoresCase)))
        at += 1
      }
      return .sequence(parts)
    case "1"..."9", "k", "g":
      throw problem(
        "back references cannot be matched in time that grows with the text alone, and are not read", from: start)
    default:
      at = start + 1
      var set = ScalarSet(try escapedItem(from: start))
      set.ignoresCase = ignoresCase
      return .scalar(set)
    }
  }

  /// What an escape means as a character or a set of them; it stands behind the backslash at `start`.
  private mutating func escapedItem(from start: Int) throws(PatternProblem) -> ScalarSet.Item {
    guard let scalar = next else { throw problem("there is nothing behind '\\'", from: start) }
    at += 1
    switch scalar {
    case "d": return .named(.digit)
    case "D": return .except(ScalarSet(.named(.digit)))
    case "w": return .named(.word)
    case "W": return .except(ScalarSet(.named(.word)))
    case "s": return .named(.space)
    case "S": return .except(ScalarSet(.named(.space)))
    case "h": return .named(.horizontalSpace)
    case "H": return .except(ScalarSet(.named(.horizontalSpace)))
    case "v": return .named(.lineBreak)
    case "V", "N": return .except(ScalarSet(.named(.lineBreak)))
    case "p", "P":
      let item = try property(from: start)
      return scalar == "p" ? item : .except(ScalarSet(item))
    case "x", "u":
      let value = try code(digits: scalar == "x" ? 2 : 4, from: start)
      return .range(value...value)
    default: break
    }
    let plain: [Unicode.Scalar: UInt32] = ["t": 9, "n": 10, "f": 12, "r": 13, "e": 27, "a": 7, "0": 0]
    if let value = plain[scalar] { return .range(value...value) }
    if scalar.isASCII, scalar.isPartOfWord, scalar != "_" { throw problem("'\\\(scalar)' means nothing", from: start) }
    return .range(scalar.value...scalar.value)
  }

  private mutating func property(from start: Int) throws(PatternProblem) -> ScalarSet.Item {
    var name = String.UnicodeScalarView()
    if take("{") {
      while let scalar = next, scalar != "}" {
        name.append(scalar)
        at += 1
      }
      if !take("}") { throw problem("expected '}'") }
    } else if let scalar = next {
      name.append(scalar)
      at += 1
    }
    guard let item = ScalarSet.named(String(name)) else {
      throw problem("'\(String(name))' is no category of characters, such as L, Lu or Nd", from: start)
    }
    return item
  }

  private mutating func code(digits: Int, from start: Int) throws(PatternProblem) -> UInt32 {
    let isBraced = take("{")
    var value: UInt32 = 0
    var count = 0
    while count < (isBraced ? 6 : digits), let scalar = next, let digit = Character(scalar).hexDigitValue,
      scalar.isASCII
    {
      value = value * 16 + UInt32(digit)
      count += 1
      at += 1
    }
    guard count == digits || isBraced && count > 0, !isBraced || take("}"), Unicode.Scalar(value) != nil else {
      throw problem("expected the number of a character, in hexadecimal digits", from: start)
    }
    return value
  }

  /// `[…]`.
  private mutating func characterClass() throws(PatternProblem) -> ScalarSet {
    let start = at
    at += 1
    var set = ScalarSet()
    set.ignoresCase = ignoresCase
    set.isNegated = take("^")
    // A bracket that comes first stands for itself.
    var isFirst = true
    while let scalar = next, isFirst || scalar != "]" {
      isFirst = false
      if take("[:") {
        set.items.append(try posixItem())
        continue
      }
      if scalar == "[" || scalars[at...].starts(with: "&&".unicodeScalars) {
        throw problem("sets within sets are not read", from: nil)
      }
      let item = try classItem()
      guard next == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
        set.items.append(item)
        continue
      }
      let dash = at
      at += 1
      guard case .range(let low) = item, case .range(let high) = try classItem() else {
        throw problem("a range needs a character on either side", from: dash)
      }
      if low.lowerBound > high.lowerBound { throw problem("the first character is behind the second", from: dash) }
      set.items.append(.range(low.lowerBound...high.lowerBound))
    }
    if !take("]") { throw problem("this set is not closed", from: start) }
    return set
  }

  private mutating func classItem() throws(PatternProblem) -> ScalarSet.Item {
    let start = at
    if take("\\") {
      if take("b") { return .range(8...8) }
      return try escapedItem(from: start)
    }
    let scalar = scalars[at]
    at += 1
    return .range(scalar.value...scalar.value)
  }

  /// Behind `[:`.
  private mutating func posixItem() throws(PatternProblem) -> ScalarSet.Item {
    let start = at
    let isNegated = take("^")
    var name = String.UnicodeScalarView()
    while let scalar = next, scalar.isPartOfWord {
      name.append(scalar)
      at += 1
    }
    var item = ScalarSet.named(String(name))
    if String(name) == "alnum" { item = .except(ScalarSet(.named(.alphabetic), .named(.digit), isNegated: true)) }
    guard let item, take(":]") else { throw problem("expected the name of a set, such as [:alpha:]", from: start) }
    return isNegated ? .except(ScalarSet(item)) : item
  }
}
