/// Characters that may stand in one place: what `a`, `.`, `\d` and `[^a-z]` mean.
struct ScalarSet: Sendable {
  enum Item: Sendable {
    case range(ClosedRange<UInt32>)
    case named(Name)
    case category(Set<Unicode.GeneralCategory>)
    case except(ScalarSet)
  }

  /// Sets with a name.
  enum Name: Sendable {
    case digit, word, space, lineBreak, horizontalSpace
    case alphabetic, uppercase, lowercase, ascii, punctuation, hexDigit, control
  }

  var items: [Item] = []
  var isNegated = false
  /// Takes the other case of each character too.
  var ignoresCase = false

  init(_ items: Item..., isNegated: Bool = false) {
    self.items = items
    self.isNegated = isNegated
  }

  init(_ scalar: Unicode.Scalar, ignoresCase: Bool) {
    items = [.range(scalar.value...scalar.value)]
    self.ignoresCase = ignoresCase
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    if holds(scalar) { return !isNegated }
    if ignoresCase, otherCases(of: scalar).contains(where: holds) { return !isNegated }
    return isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    items.contains { item in
      switch item {
      case .range(let range): range.contains(scalar.value)
      case .named(let name): name.contains(scalar)
      case .category(let categories): categories.contains(scalar.properties.generalCategory)
      case .except(let other): !other.contains(scalar)
      }
    }
  }

  private func otherCases(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    let properties = scalar.properties
    return [properties.lowercaseMapping, properties.uppercaseMapping, properties.titlecaseMapping].compactMap {
      $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil
    }
  }
}

extension ScalarSet.Name {
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch self {
    case .digit: return properties.generalCategory == .decimalNumber
    case .word: return scalar.isPartOfWord
    case .space: return properties.isWhitespace
    case .lineBreak: return scalar.endsLine
    case .horizontalSpace: return scalar == "\t" || properties.generalCategory == .spaceSeparator
    case .alphabetic: return properties.isAlphabetic
    case .uppercase: return properties.isUppercase
    case .lowercase: return properties.isLowercase
    case .ascii: return scalar.isASCII
    case .punctuation: return ScalarSet.categories(named: "P")?.contains(properties.generalCategory) ?? false
    case .hexDigit: return scalar.isASCII && properties.isASCIIHexDigit
    case .control: return properties.generalCategory == .control
    }
  }
}

extension Unicode.Scalar {
  /// Letters, marks, decimal digits and connectors, as UTS #18 has it.
  var isPartOfWord: Bool {
    if isASCII {
      return ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self) || self == "_"
    }
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return properties.isAlphabetic
    }
  }

  var endsLine: Bool { (10...13).contains(value) || value == 0x85 || value == 0x2028 || value == 0x2029 }
}

extension ScalarSet {
  /// The set of a name between `[:` and `:]` or in `\p{…}`; nil for others.
  static func named(_ word: String) -> Item? {
    switch word.lowercased().filter({ $0 != "_" && $0 != " " }) {
    case "alpha", "alphabetic": .named(.alphabetic)
    case "upper", "uppercase": .named(.uppercase)
    case "lower", "lowercase": .named(.lowercase)
    case "digit": .named(.digit)
    case "space", "whitespace": .named(.space)
    case "word": .named(.word)
    case "ascii": .named(.ascii)
    case "punct": .named(.punctuation)
    case "xdigit", "asciihexdigit": .named(.hexDigit)
    case "cntrl": .named(.control)
    default: categories(named: word).map(Item.category)
    }
  }

  /// General categories by their short names: `L` is all that begin with it.
  fileprivate static func categories(named word: String) -> Set<Unicode.GeneralCategory>? {
    let found = shortNames.filter { $0.0 == word || word.utf8.count == 1 && $0.0.hasPrefix(word) }.map(\.1)
    return found.isEmpty ? nil : Set(found)
  }

  private static let shortNames: [(String, Unicode.GeneralCategory)] = [
    ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
    ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
    ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
    ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation), ("Pi", .initialPunctuation),
    ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol), ("Sc", .currencySymbol),
    ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
    ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Cs", .surrogate), ("Co", .privateUse),
    ("Cn", .unassigned),
  ]
}
