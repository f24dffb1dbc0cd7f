package import Diagnostics
package import Tabular

extension Encoder {
  /// Fits an encoder on some rows of a table.
  ///
  /// - Integers, numbers and booleans (0 and 1) become a number each: imputed, then scaled. So does each part of a date or a timestamp.
  /// - Categories become a column for each level seen, in order of the levels' bytes; then one for the rare levels,
  ///   which also takes levels never seen; then one for missing cells, when there were some.
  /// - Text becomes hashed words where the settings say so, and a sparse column a column for each index seen.
  /// - Other text is left out, and so is a column that is constant or all missing in these rows. The notes name them. Text
  ///   that `only` names is an error.
  ///
  /// Sums are taken over blocks of 4,096 rows of the table and added by pairs, so the result depends on the rows alone.
  /// The table is read in bounded memory, two or three passes over each column, columns side by side.
  ///
  /// - Parameters:
  ///   - features: the columns to use, in the order of the design, before `drop` and `only` of the settings.
  ///   - weights: how much each row counts in means, deviations, medians and shares; nil where all count alike.
  ///   - dropsLevel: leaves the first column of each one-hot out, for fits without a penalty. Unknown levels then count
  ///     as that one. Without an intercept the first one-hot keeps all its columns.
  /// - Returns: the encoder, and a note or warning for each kind of column that was left out.
  package static func fit(
    _ table: Table, features: [String], rows: RowSelection, weights: [Double]? = nil, settings: EncoderSettings,
    dropsLevel: Bool, threads: Int = 1
  ) throws(InferenceError) -> (encoder: Encoder, notes: [Diagnostic]) {
    var columns: [Column] = []
    for name in try settings.selected(features) {
      guard let column = table.column(named: name) else {
        throw .missingColumn(name, nearest: nearestName(to: name, among: table.schema.names))
      }
      columns.append(column)
    }
    let facts = ColumnFacts.all(of: columns, rows: rows, weights: weights, settings: settings, threads: threads)
    var fitting = EncoderFitting(table: table, rows: rows, settings: settings, dropsLevel: dropsLevel)
    for (column, facts) in zip(columns, facts) { try fitting.add(column, facts) }
    return fitting.finish()
  }
}

extension EncoderSettings {
  /// The features that `drop` and `only` leave, in their order. Throws for names that are not among them.
  fileprivate func selected(_ features: [String]) throws(InferenceError) -> [String] {
    for (setting, names) in [("features.drop", drop), ("features.only", only ?? [])] {
      for name in names where !features.contains(name) {
        throw .unknownFeature(name, setting: setting, nearest: nearestName(to: name, among: features))
      }
    }
    let dropped = Set(drop)
    let wanted = only.map { Set($0) }
    return features.filter { !dropped.contains($0) && wanted?.contains($0) != false }
  }
}

/// The largest number of a column that is not scaled: squares of more, summed over rows, may be too large for a number, and
/// squares of less than its inverse vanish.
private let largestUnscaled = 1e140

/// An encoder in the making.
private struct EncoderFitting {
  let table: Table
  let rows: RowSelection
  let settings: EncoderSettings
  let dropsLevel: Bool
  private var inputs: [Field] = []
  private var features: [Feature] = []
  private var outputNames: Set<String> = []
  private var constant: [String] = []
  private var empty: [String] = []
  private var text: [String] = []

  init(table: Table, rows: RowSelection, settings: EncoderSettings, dropsLevel: Bool) {
    self.table = table
    self.rows = rows
    self.settings = settings
    self.dropsLevel = dropsLevel
  }

  mutating func add(_ column: Column, _ facts: ColumnFacts) throws(InferenceError) {
    let known = features.count
    switch column.type {
    case .integer, .number, .boolean: try addNumber(column, facts, part: nil)
    case .date, .timestamp: try addDate(column, facts)
    case .category: addCategory(column, facts)
    case .text: try addText(column, facts)
    case .sparse: addSparse(column, facts)
    }
    if features.count > known { inputs.append(column.field) }
  }

  mutating func finish() -> (Encoder, [Diagnostic]) {
    if Encoder.isSparse(features) { features = features.map(\.uncentred) }
    let (constant, empty, text, features) = (constant, empty, text, features)
    var notes: [Diagnostic] = []
    func note(_ code: String, _ names: [String], _ words: String, help: [String] = []) {
      if names.isEmpty { return }
      let list = names.map { "'\($0)'" }.joined(separator: ", ")
      let message = "\(names.count == 1 ? "column" : "columns") \(list) \(words)"
      notes.append(Diagnostic(severity: .note, code, message, help: help))
    }
    note("constant-column", constant, "left out: constant in the training rows")
    note("empty-column", empty, "left out: all missing in the training rows")
    note(
      "text-column", text, "left out: text is not encoded",
      help: [
        "set 'features.text.encode' to hash for a bag of words, or declare the type category under ingest.columns to "
          + "encode it level by level"
      ])
    if features.isEmpty {
      notes.append(
        .warning("no-feature", "no column is left to learn from: the model only learns the target's mean or shares"))
    }
    return (Encoder(inputs: inputs, features: features), notes)
  }

  /// A name for a column of the design; one that is taken gets a number.
  private mutating func output(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !outputNames.insert(candidate).inserted {
      candidate = "\(name)#\(number)"
      number += 1
    }
    return candidate
  }

  private mutating func addDate(_ column: Column, _ facts: ColumnFacts) throws(InferenceError) {
    if facts.isEmpty { return empty.append(column.name) }
    for part in settings.dateParts { try addNumber(column, facts, part: part) }
  }

  private mutating func addNumber(_ column: Column, _ facts: ColumnFacts, part: DatePart?) throws(InferenceError) {
    let name = part.map { "\(column.name).\($0.rawValue)" } ?? column.name
    guard let statistics = facts.numbers[part], statistics.count > 0 else { return empty.append(name) }
    if statistics.missing > 0, settings.impute == .none {
      throw .missingValue(column: column.name, row: firstMissing(column) + 1)
    }
    let (low, high) = statistics.range
    if low == high {
      constant.append(name)
    } else {
      let (offset, factor) = try scaling(name, statistics)
      features.append(
        .number(
          NumberFeature(
            input: column.name, part: part, output: output(name), impute: statistics.impute, offset: offset,
            factor: factor)))
    }
    let isFirstPart = part == nil || part == settings.dateParts.first
    if settings.indicators, statistics.missing > 0, isFirstPart {
      features.append(.indicator(input: column.name, output: output("\(column.name).missing")))
    }
  }

  private func scaling(
    _ name: String, _ statistics: NumberStatistics
  ) throws(InferenceError) -> (offset: Double, factor: Double) {
    let (low, high) = statistics.range
    let result: (Double, Double)
    switch (settings.scale, settings.hasIntercept) {
    case (.none, _):
      if max(abs(low), abs(high)) > largestUnscaled { throw .cannotScale(column: name, .largeUnscaled) }
      if high - low < 1 / largestUnscaled { throw .cannotScale(column: name, .smallUnscaled) }
      return (0, 1)
    case (.minmax, true): result = (low, 1 / (high - low))
    case (.minmax, false): result = (0, 1 / max(abs(low), abs(high)))
    case (.standard, true): result = (statistics.mean, 1 / statistics.deviation)
    case (.standard, false): result = (0, 1 / statistics.rootMeanSquare)
    }
    if result.1 == .infinity { throw .cannotScale(column: name, .small) }
    guard result.0.isFinite, result.1.isFinite, result.1 > 0 else { throw .cannotScale(column: name, .large) }
    return result
  }

  private func firstMissing(_ column: Column) -> Int {
    switch rows {
    case .all: (0..<column.rowCount).first { column.isMissing($0) } ?? 0
    case .rows(let rows): rows.first { column.isMissing($0) } ?? 0
    }
  }

  private mutating func addCategory(_ column: Column, _ facts: ColumnFacts) {
    let (counts, missing) = (facts.levels, facts.missingLevel)
    let seen = counts.indices.filter { counts[$0] > 0 }
    if seen.isEmpty { return empty.append(column.name) }
    if let buckets = settings.categoryBuckets {
      if seen.count == 1, missing == 0 { return constant.append(column.name) }
      return features.append(.hash(HashFeature(input: column.name, output: output(column.name), buckets: buckets)))
    }
    let rare = rareLevels(seen, counts, total: counts.reduce(missing, +))
    var columns = seen.filter { !rare.contains($0) }.map { code in
      OneHotFeature.Column(output: "\(column.name)=\(column.dictionary[code])", levels: [column.dictionary[code]])
    }
    if !rare.isEmpty {
      columns.append(
        OneHotFeature.Column(
          output: "\(column.name).rare", levels: seen.filter(rare.contains).map { column.dictionary[$0] },
          takesUnknown: true))
    }
    if missing > 0 {
      columns.append(OneHotFeature.Column(output: "\(column.name).missing", levels: [], takesMissing: true))
    }
    if columns.count == 1 { return constant.append(column.name) }
    // Without an intercept the levels of one category stand in for it.
    let keepsLevels = !settings.hasIntercept && !features.contains { if case .oneHot = $0 { true } else { false } }
    let baseline = dropsLevel && !keepsLevels ? columns.removeFirst().levels : []
    for index in columns.indices { columns[index].output = output(columns[index].output) }
    features.append(.oneHot(OneHotFeature(input: column.name, columns: columns, baseline: baseline)))
  }

  private mutating func addText(_ column: Column, _ facts: ColumnFacts) throws(InferenceError) {
    if !facts.hasText { return empty.append(column.name) }
    guard let settings = settings.text else {
      if settings.only?.contains(column.name) == true { throw textFeature(column) }
      return text.append(column.name)
    }
    features.append(
      .text(
        TextFeature(
          input: column.name, output: output(column.name), buckets: settings.buckets,
          longestRun: settings.longestRun, lowercase: settings.lowercase, term: settings.term,
          isSigned: settings.isSigned, isNormalised: settings.isNormalised)))
  }

  /// Where most of the first cells are numbers, with the first cell that is none.
  private func textFeature(_ column: Column) -> InferenceError {
    var (numbers, others) = (0, 0)
    var first: (row: Int, cell: String)?
    for row in 0..<min(column.rowCount, 10_000) {
      guard let cell = column.text(row) else { continue }
      if Double(cell)?.isFinite == true {
        numbers += 1
      } else {
        others += 1
        if first == nil { first = (row + 1, cell) }
      }
    }
    return .textFeature(column.name, row: numbers > others ? first?.row : nil, cell: first?.cell)
  }

  /// A column of the design for each index with a number other than 0.
  private mutating func addSparse(_ column: Column, _ facts: ColumnFacts) {
    if facts.indices.isEmpty { return empty.append(column.name) }
    features.append(
      .sparse(SparseFeature(input: column.name, output: output(column.name), indices: facts.indices)))
  }

  /// The levels that share one column: those below the share, and those beyond the most frequent ones; of equally
  /// frequent ones the first in the order of the levels is kept.
  private func rareLevels(_ seen: [Int], _ counts: [Double], total: Double) -> Set<Int> {
    var rare: Set<Int> = []
    if let share = settings.rareShare {
      for code in seen where counts[code] < share * total { rare.insert(code) }
    }
    if let maximum = settings.maximumLevels {
      let byCount = seen.sorted { (counts[$1], $0) < (counts[$0], $1) }
      rare.formUnion(byCount.dropFirst(maximum))
    }
    return rare
  }
}

extension Feature {
  /// The same without taking anything off: what is 0 stays 0.
  fileprivate var uncentred: Feature {
    guard case .number(var number) = self else { return self }
    number.offset = 0
    return .number(number)
  }
}
