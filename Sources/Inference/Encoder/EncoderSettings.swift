package import Basics

/// How columns become numbers: the `features` of a `train` step.
package struct EncoderSettings: Sendable, Hashable {
  /// What stands in for a missing number.
  package enum Impute: String, Sendable, Hashable, CaseIterable {
    case median, mean, zero
    /// Nothing: a missing number is an error.
    case none
  }

  package enum Scale: String, Sendable, Hashable, CaseIterable {
    /// (x − mean) / deviation, with divisor n, after imputing; without an intercept x / root mean square.
    case standard
    /// (x − min) / (max − min), after imputing; without an intercept x / largest absolute value.
    case minmax
    case none
  }

  /// Columns that are left out.
  package var drop: [String] = []
  /// The only columns that are used; nil for all.
  package var only: [String]?
  /// For integers, numbers, booleans (0 and 1) and parts of dates.
  package var impute = Impute.median
  package var scale = Scale.standard
  /// Levels with a smaller share of the training rows are one level; nil for none.
  package var rareShare: Double?
  /// At most so many levels of a category have a column, the most frequent ones; the others count as rare. Nil for all.
  package var maximumLevels: Int?
  /// Levels are hashed into so many buckets instead of having a column each; nil for one-hot.
  package var categoryBuckets: Int?
  /// How text is hashed; nil to leave it out.
  package var text: TextSettings?
  package var dateParts: [DatePart] = [.year, .month, .weekday, .days]
  /// Whether a column of numbers or dates that has missing values gets a second one that says where.
  package var indicators = false
  /// Whether the model has an intercept, which takes up what centring takes off. Without one nothing is taken off numbers,
  /// so that what is 0 stays 0 and the fit goes through the origin; and the first category keeps all its levels where
  /// others drop one. No member of the JSON: it follows from another setting of the step.
  package var hasIntercept = true

  /// A bag of hashed words; see `TextFeature`.
  package struct TextSettings: Sendable, Hashable {
    package var buckets = 1 << 18
    package var longestRun = 1
    package var lowercase = true
    package var term = TextFeature.Term.count
    package var isSigned = false
    package var isNormalised = true

    package init() {}
  }

  package init() {}

  /// Reads the settings object; a key left out or null has its default.
  ///
  /// `{drop: [name], only: [name], numeric: {impute: median|mean|zero|none, scale: standard|minmax|none},
  /// categorical: {encode: one-hot|hash, buckets: count, rare: share, max_levels: count, unknown: ignore},
  /// text: {encode: none|hash, buckets: count, ngrams: count, lowercase: bool, term: count|binary, signed: bool,
  /// normalise: bool}, dates: {parts: [part]}, indicators: bool}`
  ///
  /// Throws `InferenceError.badSetting` with the path of the first bad one.
  package init(json: JSON) throws(InferenceError) {
    let reader = try SettingReader(
      json, path: "features", keys: ["drop", "only", "numeric", "categorical", "text", "dates", "indicators"])
    drop = try reader.names("drop") ?? []
    only = try reader.names("only")
    indicators = try reader.bool("indicators") ?? false

    let numeric = try reader.object("numeric", keys: ["impute", "scale"])
    impute = try numeric.choice("impute") ?? .median
    scale = try numeric.choice("scale") ?? .standard

    let categorical = try reader.object("categorical", keys: ["encode", "buckets", "rare", "max_levels", "unknown"])
    let buckets = try categorical.count("buckets", in: 2...mostBuckets)
    if try categorical.choice("encode") == CategoryEncoding.hash { categoryBuckets = buckets ?? 1 << 16 }
    _ = try categorical.choice("unknown") as OnlyIgnore?
    if let share = try categorical.number("rare") {
      guard share >= 0, share < 1 else { throw .badSetting("features.categorical.rare", expected: "a share below 1") }
      rareShare = share
    }
    if let count = try categorical.number("max_levels") {
      guard let whole = Int(exactly: count), whole >= 1 else {
        throw .badSetting("features.categorical.max_levels", expected: "an integer of 1 or more")
      }
      maximumLevels = whole
    }
    text = try TextSettings(reader)

    let dates = try reader.object("dates", keys: ["parts"])
    if let names = try dates.names("parts") {
      dateParts = []
      for name in names {
        guard let part = DatePart(rawValue: name), !dateParts.contains(part) else {
          let parts = DatePart.allCases.map(\.rawValue).joined(separator: ", ")
          throw .badSetting("features.dates.parts", expected: "different ones of \(parts)")
        }
        dateParts.append(part)
      }
    }
  }
}

/// The most buckets that anything is hashed into.
package let mostBuckets = 1 << 24

extension EncoderSettings.TextSettings {
  /// Nil where text is not encoded.
  fileprivate init?(_ features: SettingReader) throws(InferenceError) {
    let reader = try features.object(
      "text", keys: ["encode", "buckets", "ngrams", "lowercase", "term", "signed", "normalise"])
    buckets = try reader.count("buckets", in: 2...mostBuckets) ?? buckets
    longestRun = try reader.count("ngrams", in: 1...5) ?? longestRun
    lowercase = try reader.bool("lowercase") ?? lowercase
    term = try reader.choice("term") ?? term
    isSigned = try reader.bool("signed") ?? isSigned
    isNormalised = try reader.bool("normalise") ?? isNormalised
    if try reader.choice("encode") ?? TextEncoding.none == .none { return nil }
  }
}

private enum CategoryEncoding: String, CaseIterable {
  case oneHot = "one-hot"
  case hash
}
private enum TextEncoding: String, CaseIterable { case none, hash }
private enum OnlyIgnore: String, CaseIterable { case ignore }

/// The members of a settings object, by type, with the path for complaints.
private struct SettingReader {
  private let members: [String: JSON]
  private let path: String

  init(_ json: JSON?, path: String, keys: [String]) throws(InferenceError) {
    self.path = path
    if json == nil || json?.isNull == true {
      members = [:]
      return
    }
    guard let members = json?.objectValue else { throw .badSetting(path, expected: "a map") }
    for key in members.keys.sorted() where !keys.contains(key) {
      throw .badSetting("\(path).\(key)", expected: "left out: it is not known")
    }
    self.members = members.filter { !$0.value.isNull }
  }

  func object(_ key: String, keys: [String]) throws(InferenceError) -> SettingReader {
    try SettingReader(members[key], path: "\(path).\(key)", keys: keys)
  }

  func names(_ key: String) throws(InferenceError) -> [String]? {
    guard let value = members[key] else { return nil }
    guard let entries = value.arrayValue else { throw .badSetting("\(path).\(key)", expected: "a list of names") }
    let names = entries.compactMap(\.stringValue)
    if names.count < entries.count { throw .badSetting("\(path).\(key)", expected: "a list of names") }
    return names
  }

  func bool(_ key: String) throws(InferenceError) -> Bool? {
    guard let value = members[key] else { return nil }
    guard let bool = value.boolValue else { throw .badSetting("\(path).\(key)", expected: "true or false") }
    return bool
  }

  func number(_ key: String) throws(InferenceError) -> Double? {
    guard let value = members[key] else { return nil }
    guard let number = value.doubleValue, number.isFinite else {
      throw .badSetting("\(path).\(key)", expected: "a number")
    }
    return number
  }

  func count(_ key: String, in range: ClosedRange<Int>) throws(InferenceError) -> Int? {
    guard let number = try number(key) else { return nil }
    guard let whole = Int(exactly: number), range.contains(whole) else {
      throw .badSetting("\(path).\(key)", expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws(InferenceError) -> Choice? {
    guard let value = members[key] else { return nil }
    guard let choice = value.stringValue.flatMap(Choice.init(rawValue:)) else {
      let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badSetting("\(path).\(key)", expected: Choice.allCases.count == 1 ? choices : "one of \(choices)")
    }
    return choice
  }
}
