import Basics
import Tabular

/// An encoded row of sparse features, cut into the parts that an explanation tells of: each feature, and of a sparse column
/// each of its entries; against means also, together, the columns of such a column that have none.
struct SparseParts {
  private(set) var parts: [Explanation.Part] = []
  /// Of each part, the entries that it has.
  private var entries: [Range<Int>] = []
  /// Of each part, the columns of the design whose means it is held against, and whether it is about those without an entry.
  private var columns: [(range: Range<Int>, areAbsent: Bool)] = []
  private let encoding: SparseEncoding

  /// Throws as `BoundEncoder.encodeSparse` does. O(features and entries), whatever the width of the design.
  init(_ bound: BoundEncoder, _ table: Table, row: Int, tellsAbsent: Bool) throws(InferenceError) {
    var encoding = SparseEncoding()
    try bound.encodeSparse(.rows([row]), 0..<1, into: &encoding)
    self.encoding = encoding
    var first = 0
    var at = 0
    for feature in bound.encoder.features {
      let start = at
      while at < encoding.columns.count, Int(encoding.columns[at]) < first + feature.width { at += 1 }
      add(feature, start..<at, from: first, table.column(named: feature.input)?.text(row), tellsAbsent: tellsAbsent)
      first += feature.width
    }
  }

  private mutating func add(
    _ feature: Feature, _ own: Range<Int>, from first: Int, _ value: String?, tellsAbsent: Bool
  ) {
    func place(_ entry: Int) -> Int { Int(encoding.columns[entry]) - first }
    var part = Explanation.Part(feature: feature.input, input: feature.input, value: value)
    switch feature {
    case .number(let number): part.feature = number.output
    case .indicator(_, let output): part.feature = output
    case .oneHot(let oneHot): part.level = own.first.map { oneHot.columns[place($0)].output }
    case .hash(let hash): part.level = own.first.map { "\(hash.output)#\(place($0))" }
    case .text: break
    case .sparse(let sparse):
      for entry in own {
        parts.append(
          Explanation.Part(
            feature: "\(sparse.output):\(sparse.indices[place(entry)])", input: sparse.input,
            value: ecmaScriptText(encoding.values[entry])))
        entries.append(entry..<entry + 1)
        columns.append((first + place(entry)..<first + place(entry) + 1, false))
      }
      if tellsAbsent {
        parts.append(Explanation.Part(feature: "\(sparse.output) without entry", input: sparse.input, value: "0"))
        entries.append(own.upperBound..<own.upperBound)
        columns.append((first..<first + feature.width, true))
      }
      return
    }
    parts.append(part)
    entries.append(own)
    columns.append((first..<first + feature.width, false))
  }

  /// The score of an output in the arithmetic of `Scorer`, and what each part adds to it, against the means of the columns
  /// where they are given.
  func terms(
    weights: ArraySlice<Double>, intercept: Double, means: [Double]?
  ) -> (score: Double, contributions: [Double]) {
    func term(_ entry: Int) -> Double {
      weights[weights.startIndex + Int(encoding.columns[entry])] * encoding.values[entry]
    }
    let score = encoding.columns.indices.reduce(intercept) { $0 + term($1) }
    var contributions = entries.map { $0.reduce(0) { $0 + term($1) } }
    guard let means else { return (score, contributions) }
    let present = Set(encoding.columns.map { Int($0) })
    for (part, (range, areAbsent)) in columns.enumerated() {
      for column in range where !areAbsent || !present.contains(column) {
        contributions[part] -= weights[weights.startIndex + column] * means[column]
      }
    }
    return (score, contributions)
  }
}
