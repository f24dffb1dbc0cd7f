package import Basics
import Statistics
import Synchronization
package import Tabular

/// How closely a column goes with the target, summarised in one pass over both.
struct AssociationSummary: Sendable {
  private enum Form: Sendable {
    case numbers(CoMoments)
    /// Moments of the numbers by class of the other column.
    case mixed([Moments])
    /// Rows by level, then class.
    case classes([Int], width: Int)
    case none
  }

  private let target: TargetColumn
  private var form: Form
  /// The most levels of a category that are held beside the target.
  private static let levelLimit = 4096

  init(_ column: Column, _ target: TargetColumn) {
    self.target = target
    let levels = column.type == .category ? column.dictionary.count : nil
    if let levels, levels > Self.levelLimit {
      form = .none
    } else if let levels {
      form =
        target.classes.map { .classes([Int](repeating: 0, count: levels * $0), width: $0) }
        ?? .mixed([Moments](repeating: Moments(), count: levels))
    } else if column.type.isNumeric {
      form =
        target.classes.map { .mixed([Moments](repeating: Moments(), count: $0)) } ?? .numbers(CoMoments())
    } else {
      form = .none
    }
  }

  /// Takes numbers of the column, none NaN, from the rows of `block`.
  mutating func insert(numbers values: UnsafeBufferPointer<Double>, _ block: RowBlocks.Block) {
    switch form {
    case .numbers(var sums):
      form = .none
      let targets = target.numbers(block)
      var (xs, ys): ([Double], [Double]) = ([], [])
      xs.reserveCapacity(values.count)
      ys.reserveCapacity(values.count)
      for index in values.indices where !targets[index].isNaN {
        xs.append(values[index])
        ys.append(targets[index])
      }
      sums.merge(xs.withUnsafeBufferPointer { xs in ys.withUnsafeBufferPointer { CoMoments(xs, $0) } })
      form = .numbers(sums)
    case .mixed(var moments):
      form = .none
      Self.add(values, target.codes(block), to: &moments)
      form = .mixed(moments)
    default: return
    }
  }

  /// Takes codes of the column, −1 where missing, from the rows of `block`.
  mutating func insert(codes: UnsafeBufferPointer<Int32>, _ block: RowBlocks.Block) {
    switch form {
    case .mixed(var moments):
      form = .none
      let targets = target.numbers(block)
      let isBoth = codes.indices.filter { codes[$0] >= 0 && !targets[$0].isNaN }
      isBoth.map { targets[$0] }.withUnsafeBufferPointer {
        Self.add($0, isBoth.map { codes[$0] }, to: &moments)
      }
      form = .mixed(moments)
    case .classes(var table, let width):
      form = .none
      let classes = target.codes(block)
      for index in codes.indices where codes[index] >= 0 && classes[index] >= 0 {
        table[Int(codes[index]) * width + Int(classes[index])] += 1
      }
      form = .classes(table, width: width)
    default: return
    }
  }

  /// Adds numbers to the moments of their classes; those without a class are passed over.
  private static func add(_ values: UnsafeBufferPointer<Double>, _ classes: [Int32], to moments: inout [Moments]) {
    // Gathered class by class, so that each piece is joined once.
    var starts = [Int](repeating: 0, count: moments.count + 1)
    for code in classes where code >= 0 { starts[Int(code) + 1] += 1 }
    for index in moments.indices { starts[index + 1] += starts[index] }
    var next = starts
    var sorted = [Double](repeating: 0, count: starts[moments.count])
    for index in values.indices where classes[index] >= 0 {
      sorted[next[Int(classes[index])]] = values[index]
      next[Int(classes[index])] += 1
    }
    sorted.withUnsafeBufferPointer { sorted in
      for index in moments.indices where starts[index] < starts[index + 1] {
        moments[index].merge(Moments(UnsafeBufferPointer(rebasing: sorted[starts[index]..<starts[index + 1]])))
      }
    }
  }

  /// Nil where it cannot be told: text, too many levels, nothing that varies.
  var association: Association? {
    switch form {
    case .numbers(let sums): sums.correlation.map { Association(statistic: .pearson, value: $0) }
    case .mixed(let moments): correlationRatio(moments).map { Association(statistic: .correlationRatio, value: $0) }
    case .classes(let table, let width):
      cramersV(table, width: width).map { Association(statistic: .cramersV, value: $0) }
    case .none: nil
    }
  }
}

extension Association {
  /// How closely each column of a table goes with `target`, in the order of the columns; nil where it cannot be told, and for
  /// the target. One pass over each column and the target, side by side on `threads` threads. Throws
  /// `ExpectationError.unknownColumn` and `Cancelled`.
  package static func all(
    of table: Table, with target: String, threads: Int, cancellation: Cancellation
  ) throws -> [Association?] {
    try each(of: table, target, threads: threads) { column, target in
      let association = try AssociationSummary.whole(column, target, cancellation).association
      column.noteRead()
      return association
    }
  }

  /// What `find` finds of each column and the target, in the order of the columns; nil for the target, and for all where nothing
  /// can go with it.
  static func each(
    of table: Table, _ target: String, threads: Int,
    _ find: @Sendable (Column, TargetColumn) throws -> Association?
  ) throws -> [Association?] {
    guard let column = table.column(named: target) else { throw ExpectationError.unknownColumn(target) }
    guard let reference = TargetColumn(column) else { return table.schema.names.map { _ in nil } }
    let found = Mutex([Association?](repeating: nil, count: table.schema.fields.count))
    try parallelFor(count: table.schema.fields.count, threads: threads) { index in
      let column = table.column(index)
      if column.name == target { return }
      let association = try find(column, reference)
      found.withLock { $0[index] = association }
    }
    return found.withLock { $0 }
  }
}

extension AssociationSummary {
  /// Of all rows of a column.
  fileprivate static func whole(
    _ column: Column, _ target: TargetColumn, _ cancellation: Cancellation
  ) throws -> AssociationSummary {
    var summary = AssociationSummary(column, target)
    let rows = RowBlocks(0..<column.rowCount)
    if column.type.isNumeric {
      try rows.eachNumbers(of: column, keepsPlaces: true, cancellation) { summary.insert(numbers: $0, $1) }
    } else if column.type == .category {
      try rows.eachCodes(of: column, cancellation) { summary.insert(codes: $0, $1) }
    }
    return summary
  }
}
