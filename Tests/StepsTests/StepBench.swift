import Basics
import Execution
import ObjectStore
import Statistics
import Steps
import Workflow

/// A workspace in a folder of its own, with files and workflows in it.
final class StepBench: Sendable {
  let workspace: Workspace
  let store: Store

  init() throws {
    let folder = "/tmp/steps-test-" + uniqueSuffix()
    try Files.makeFolder(folder)
    workspace = try Workspace(folder)
    store = try Store.open(workspace)
  }

  deinit { try? Files.removeTree(workspace.root) }

  func write(_ name: String, _ text: String) throws {
    try durableWrite(workspace.root + "/" + name, bytes: Array(text.utf8))
  }

  func document(_ yaml: String) throws -> WorkflowDocument {
    try WorkflowParser(kinds: stepKinds.map(\.grammar)) { _ in nil }.parse(yaml, file: "test.yaml").get()
  }

  func run(_ yaml: String, threads: Int = 1, until: String? = nil) throws -> RunReport {
    var options = RunOptions()
    options.threads = threads
    options.until = until
    let executor = Executor(
      workspace: workspace, store: store, document: try document(yaml), kinds: stepKinds, options: options)
    return try executor.run(cancellation: Cancellation()) { _ in }
  }
}

/// 200 made-up rows of every column type, with gaps; the same on every machine. `y` is a number, `kind` one of three
/// classes, `ok` a boolean.
let mixedCSV: String = {
  var random = SeededGenerator(seed: 11)
  var lines = ["x1,x2,colour,day,flag,y,kind,ok"]
  for row in 0..<200 {
    let (x1, x2) = (random.nextIndex(below: 1000), random.nextIndex(below: 100))
    let colour = ["red", "green", "blue", ""][random.nextIndex(below: 4)]
    let day = "2024-0\(1 + random.nextIndex(below: 9))-1\(random.nextIndex(below: 9))"
    let noise = random.nextIndex(below: 400)
    let y = 3 * x1 - 20 * x2 + noise
    lines.append(
      "\(row % 17 == 0 ? "" : String(Double(x1) / 8)),\(x2),\(colour),\(day),\(noise % 2 == 0),\(Double(y) / 4),"
        + "\(["low", "middle", "high"][min(2, max(0, (x1 + noise) / 500))]),\(x2 * 10 + noise > 700)")
  }
  return lines.joined(separator: "\n") + "\n"
}()
