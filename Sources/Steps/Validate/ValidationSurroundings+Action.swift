import Basics
import DataValidation
import Execution
import ObjectStore
import Tabular

extension ValidationSurroundings {
  /// What an action says of the time, the target and other tables.
  init(_ action: Action, in context: StepContext) throws {
    self.init()
    now = action.settings["now"]?.stringValue.flatMap { parseTimestamp($0) }
    target = action.settings["target"]?.stringValue
    if let data = action.input("data") { profile = try context.store.profile(ofTable: data) }
    if let model = action.input("model") { modelProfile = try context.store.profile(ofModel: model) }
    if let previous = action.input("previous") {
      previousProfile = try context.store.profile(ofTable: previous)
      self.previous = try context.store.openTable(previous, cancellation: context.cancellation)
    }
    for input in action.inputs where input.role.hasPrefix("tables.") {
      let name = String(input.role.dropFirst("tables.".count))
      guard input.type == "split" else {
        tables[name] = try context.store.openTable(input.digest, cancellation: context.cancellation)
        tableProfiles[name] = try context.store.profile(ofTable: input.digest)
        continue
      }
      let parts = try PartitionedTable(input, in: context.store, cancellation: context.cancellation)
      var isTraining = [Bool](repeating: false, count: parts.table.rowCount)
      for row in parts.rows(of: parts.trainingPart) { isTraining[row] = true }
      splits[name] = SplitRows(table: parts.table, isTraining: isTraining)
    }
  }
}
