import Basics
import ObjectStore

extension ObjectDescription {
  var json: JSON {
    var value: JSON = [
      "digest": JSON(digest), "size": size.map { JSON($0) } ?? .null, "form": .string(formName),
      "uses": .array(
        uses.map {
          ["action": JSON($0.record), "kind": .string($0.kind), "name": .string($0.name), "output": .bool($0.isOutput)]
        }),
    ]
    switch form {
    case .record(let record): value["record"] = record.body
    case .tree(let tree):
      value["files"] = .array(
        tree.entries.map { ["path": .string($0.path), "digest": JSON($0.digest), "size": JSON($0.size)] })
    case .bytes, .absent: break
    }
    return value
  }

  var text: String {
    var lines = [digest.hex, "\(formName)\(size.map { ", \(byteText($0))" } ?? "")"]
    lines += uses.map(\.text)
    switch form {
    case .record(let record): lines.append(record.body.pretty)
    case .tree(let tree):
      var table = TextTable(("file", .left), ("size", .right), ("digest", .left))
      table.rows = tree.entries.map { [$0.path, byteText($0.size), $0.digest.short] }
      lines.append(table.text)
    case .bytes, .absent: break
    }
    return lines.joined(separator: "\n")
  }

  private var formName: String {
    switch form {
    case .record(let record): "record of type \(record.type)"
    case .tree: "tree"
    case .bytes: "file"
    case .absent: "not in this store"
    }
  }
}

extension Lineage {
  /// A line for each action: its kind, what it read and what it made.
  var text: String {
    actions.map { action in
      func list(_ names: [(String, Digest)]) -> String { names.map { "\($0.0) \($0.1.short)" }.joined(separator: ", ") }
      let inputs = list(action.inputs.map { ($0.name, $0.digest) })
      let outputs = list(action.outputs.map { ($0.name, $0.digest) })
      return "  \(action.kind): \(inputs.isEmpty ? "nothing" : inputs) → \(outputs.isEmpty ? "nothing" : outputs)"
    }.joined(separator: "\n")
  }
}
