package import Basics
import GRDB

/// Where an artifact comes from, or what came of it.
package struct Lineage: Sendable, Hashable {
  package enum Direction: Sendable, Hashable {
    /// What it was made from.
    case up
    /// What was made from it.
    case down
  }

  /// One action, by its latest result.
  package struct Action: Sendable, Hashable {
    package var record: Digest
    package var key: Digest
    package var kind: String
    package var inputs: [ActionResult.Input]
    package var outputs: [ActionResult.Output]
  }

  package var root: Digest
  package var direction: Direction
  /// Nearest first; within one distance in order of records.
  package var actions: [Action]
  /// Where it ends, sorted. Upwards: what no known action made, such as data files. Downwards: what no known action read.
  package var ends: [Digest]
}

extension Store {
  /// Follows actions from one artifact, breadth first, each action once.
  package func lineage(of root: Digest, _ direction: Lineage.Direction) throws -> Lineage {
    var lineage = Lineage(root: root, direction: direction, actions: [], ends: [])
    var reached: Set<Digest> = [root]
    var followed: Set<Digest> = []
    var front = [root]
    while !front.isEmpty {
      var found: Set<Digest> = []
      for digest in front {
        let uses = try uses(of: digest).filter { $0.isOutput == (direction == .up) }
        if uses.isEmpty { lineage.ends.append(digest) }
        found.formUnion(uses.map(\.record))
      }
      front = []
      for record in found.subtracting(followed).sorted() {
        followed.insert(record)
        guard let result = try? self.result(record) else { continue }
        lineage.actions.append(
          Lineage.Action(
            record: record, key: result.key, kind: result.kind, inputs: result.inputs, outputs: result.outputs))
        let next = direction == .up ? result.inputs.map(\.digest) : result.outputs.map(\.digest)
        for digest in next where reached.insert(digest).inserted { front.append(digest) }
      }
    }
    lineage.ends.sort()
    return lineage
  }
}
