import Diagnostics
import Inference
import Steps
import Tabular

/// Levels that a model was not trained on, counted over all the rows that it scores.
struct Strangers {
  private let encoder: Encoder
  private var rowCount = 0
  private var found: [UnseenLevels] = []

  init(_ encoder: Encoder) { self.encoder = encoder }

  mutating func look(at table: Table, rows: RowSelection = .all) {
    rowCount += rows.count(of: table.rowCount)
    for unseen in encoder.unseenLevels(in: table, rows: rows) {
      if let index = found.firstIndex(where: { $0.column == unseen.column }) {
        found[index] = found[index].adding(unseen)
      } else {
        found.append(unseen)
      }
    }
  }

  var warnings: [Diagnostic] { found.flatMap { $0.warnings(total: rowCount) } }
}
