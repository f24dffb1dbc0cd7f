import Diagnostics

/// What is wrong with the records and cells of a CSV file, as far as it was read.
struct PassProblems {
  private var ragged = 0
  private var firstRagged: (rejection: Rejection, found: Int)?
  private var flaw: (rejection: Rejection, kind: CSVFlaw.Kind)?
  /// Cells that their declared types cannot hold, by column.
  private var misfits: [ColumnEvidence]
  private(set) var tooManyLevels: Set<Int> = []
  /// Of a JSON Lines file.
  private(set) var json = JSONFlaws()

  init(columnCount: Int) { misfits = Array(repeating: ColumnEvidence(), count: columnCount) }

  /// Whether the records behind cannot be told apart.
  var isFatal: Bool { flaw != nil }

  /// Whether no table can come of it, so that rows need not be stored any more.
  var areFound: Bool {
    ragged > 0 || !json.isEmpty || flaw != nil || !tooManyLevels.isEmpty
      || misfits.contains { $0.count(CellClass.allCases) > 0 }
  }

  /// Adds a record that is no row; they come in order.
  mutating func add(_ rejection: Rejection) {
    if isFatal { return }
    switch rejection.reason {
    case .ragged(let found):
      if ragged == 0 { firstRagged = (rejection, found) }
      ragged += 1
    case .flaw(let kind): flaw = (rejection, kind)
    case .json(let kind, let column): json.add(kind, line: rejection.line - 1, column: column)
    case .mistyped: break
    }
  }

  /// Adds cells that the declared type of a column cannot hold.
  mutating func add(_ evidence: ColumnEvidence, column: Int) { misfits[column].add(evidence) }

  mutating func addTooManyLevels(_ column: Int) { tooManyLevels.insert(column) }

  /// In the order of the file as far as that goes; `place` finds line and column of what stands at an offset of a piece.
  func list(
    _ plans: [ColumnPlan], columnCount: Int, _ source: CSVSource
  ) throws -> [CSVProblem] {
    var problems: [CSVProblem] = []
    if let (rejection, found) = firstRagged {
      problems.append(
        .ragged(
          count: ragged, found: found, expected: columnCount,
          first: Place(file: source.name, line: rejection.line, column: 1)))
    }
    if let (rejection, kind) = flaw {
      let place = try source.place(rejection.flawOffset, in: rejection.piece)
      return problems + [CSVProblem(CSVFlaw(kind: kind, offset: 0), at: place)]
    }
    for (plan, misfits) in zip(plans, misfits) {
      if let declared = plan.declared, let (found, position) = misfits.first(CellClass.allCases) {
        problems.append(
          .mistyped(
            column: plan.name, expected: declared, found: .init(found), count: misfits.count(CellClass.allCases),
            first: try source.place(position)))
      }
    }
    for index in tooManyLevels.sorted() {
      problems.append(.tooManyLevels(column: plans[index].name, limit: TypeInference.declaredLevels))
    }
    return problems
  }
}
