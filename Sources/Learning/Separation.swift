package import Basics
internal import LinearAlgebra

/// Why a fit without a penalty has no finite minimum: columns that tell the classes apart perfectly, or counts of 0 from
/// others (Albert and Anderson, Biometrika 71, 1984; Santos Silva and Tenreyro, Economics Letters 107, 2010).
package struct Separation: Sendable {
  /// What one column says of a class.
  package struct Culprit: Sendable, Hashable {
    package var column: Int
    /// The class whose rows lie to one side: 1 of a binary target, an index otherwise; 0 for counts of 0.
    package var classIndex: Int
    /// Whether the rows of the class have the larger values.
    package var isAbove: Bool
    /// Complete: a value between them tells the class from the others. Otherwise both may have the value in the middle.
    package var isComplete: Bool
    /// Of a column with two values, what one of them says; nil for others.
    package var level: Level?
  }

  /// One of the two values of a column, and what rows that have it are.
  package struct Level: Sendable, Hashable {
    package var isLarger: Bool
    /// Whether the values are 0 and 1.
    package var isIndicator: Bool
    /// True: all of them are of the class. False: none is.
    package var isOfClass: Bool
  }

  /// Columns that separate alone, complete ones first; empty where only a combination does.
  package var culprits: [Culprit]
  /// Without culprits: columns that separate together, the one that matters most first. None can be left out of few; of
  /// more than five they are those with the largest shares in the separating direction.
  package var combination: [Int]
  /// Whether `combination` are all that it takes.
  package var isWhole: Bool
}

/// Says which columns separate the classes, and how; nil when nothing does. See `separation(of:…)`.
package func separationDiagnosis(
  of source: some DesignSource, _ settings: FitSettings, direction: [Double], cancellation: Cancellation
) throws -> String? {
  try separation(of: source, settings, direction: direction, cancellation: cancellation)?.note(settings)
}

/// Looks for separation in one pass over the rows.
///
/// A column separates alone when the rows of a class lie to one side of those of the others (for counts: rows of 0 to one
/// side of a value that all others share). Otherwise `direction`, columnCount × outputs as the coefficients of a fit, or a
/// step along which they grow, is held against the rows: it separates when some intercepts let no row of a class score
/// below the others by more than rounding. Then the columns with the largest shares in it are tried, two to five of them, by
/// fits of their own; where those separate, each of them that the others can do without is left out.
package func separation(
  of source: some DesignSource, _ settings: FitSettings, direction: [Double], cancellation: Cancellation
) throws -> Separation? {
  let ranges = try ClassRanges.run(source, settings, direction: direction, cancellation: cancellation)
  let culprits = ranges.culprits(settings).sorted { left, right in
    if left.isComplete != right.isComplete { return left.isComplete }
    return (left.column, left.classIndex) < (right.column, right.classIndex)
  }
  if !culprits.isEmpty { return Separation(culprits: culprits, combination: [], isWhole: true) }
  guard ranges.directionSeparates(settings) else { return nil }
  let columns = source.columnCount
  var sizes = [Double](repeating: 0, count: columns)
  for (index, weight) in direction.enumerated() {
    sizes[index % columns] += abs(weight) * ranges.extent(of: index % columns)
  }
  let total = sizes.reduce(0, +)
  guard total > 0 else { return nil }
  let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
  if let few = try fewestThatSeparate(Array(order.prefix(5)), source, settings, cancellation) {
    return Separation(culprits: [], combination: few, isWhole: true)
  }
  return Separation(culprits: [], combination: order.prefix(5).filter { sizes[$0] >= 0.01 * total }, isWhole: false)
}

/// The first of some columns that separate together, without those that the others can do without; nil where all do not.
private func fewestThatSeparate(
  _ order: [Int], _ source: some DesignSource, _ settings: FitSettings, _ cancellation: Cancellation
) throws -> [Int]? {
  func separate(_ columns: [Int]) throws -> Bool {
    let part = ColumnSubset(source, columns: columns.sorted())
    var own = settings
    (own.penalty, own.solver, own.columnNames) = (Penalty(), nil, [])
    // Far enough along to see a direction, and an end where there is a minimum.
    own.maximumIterations = 50
    let direction = try LossFit(part, own, cancellation: cancellation).direction(cancellation: cancellation)
    return try ClassRanges.run(part, own, direction: direction, cancellation: cancellation).directionSeparates(own)
  }
  for size in 2..<max(3, order.count + 1) where size <= order.count {
    var few = Array(order.prefix(size))
    guard try separate(few) else { continue }
    for column in few where few.count > 2 {
      let rest = few.filter { $0 != column }
      if try separate(rest) { few = rest }
    }
    return few
  }
  return nil
}

extension Separation {
  /// What is told where every row is told right, and no few columns are found that do it.
  static let completeNote =
    "the columns separate the classes perfectly: without a penalty the coefficients grow without bound"
  /// What is told where coefficients run away and no combination of columns is found to be why.
  static let unexplainedNote =
    "the coefficients grow without bound, as they do where columns separate some of the rows; which ones was not found"

  /// One lower-case phrase. Columns and classes are called as the settings call them.
  package func note(_ settings: FitSettings) -> String {
    let end = ": without a penalty the coefficients grow without bound"
    guard let first = culprits.first else {
      let names = settings.name(ofColumns: combination)
      let what = settings.objective == .poisson ? "the counts of 0 from the others" : "the classes"
      return isWhole
        ? "\(names) together separate \(what), and none of them alone" + end
        : "a combination of columns separates \(what), mostly \(names)" + end
    }
    let others = Set(culprits.dropFirst().map(\.column)).subtracting([first.column]).sorted()
    let more = others.isEmpty ? "" : "; so \(others.count == 1 ? "does" : "do") \(settings.name(ofColumns: others))"
    return phrase(first, settings) + more + end
  }

  private func phrase(_ culprit: Culprit, _ settings: FitSettings) -> String {
    let column = settings.name(ofColumns: [culprit.column])
    let isBoolean = settings.booleanColumns.contains(culprit.column)
    if settings.objective == .poisson {
      return "\(column) separates counts of 0: it is the same in all rows that count more, and every row where it is "
        + "\(isBoolean ? "\(culprit.isAbove)" : culprit.isAbove ? "larger" : "smaller") counts 0"
    }
    let name =
      settings.classNames.indices.contains(culprit.classIndex)
      ? "class '\(settings.classNames[culprit.classIndex])'" : "class \(culprit.classIndex + 1)"
    let side = culprit.isAbove ? "above" : "below"
    if culprit.isComplete, isBoolean {
      return "\(column) alone separates the classes: it is \(culprit.isAbove) in all rows of \(name) and in no other"
    }
    if culprit.isComplete {
      return "\(column) alone separates the classes: every row of \(name) lies \(side) all others"
    }
    if let level = culprit.level {
      let value =
        isBoolean
        ? "\(level.isLarger)"
        : level.isIndicator ? (level.isLarger ? "1" : "0") : "the \(level.isLarger ? "larger" : "smaller") value"
      return
        "\(column) separates the classes in part: \(level.isOfClass ? "every" : "no") row where it is \(value) is of \(name)"
    }
    return
      "\(column) alone separates the classes but for ties: no row of \(name) lies \(culprit.isAbove ? "below" : "above") any other"
  }
}
