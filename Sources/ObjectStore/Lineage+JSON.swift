package import Basics

extension Lineage {
  /// `{root, actions: [{kind, key, inputs: {name: digest}, outputs: {name: digest}}], ends}`, nearest first.
  package var json: JSON {
    [
      "root": JSON(root),
      "actions": .array(
        actions.map { action in
          [
            "kind": .string(action.kind), "key": JSON(action.key),
            "inputs": .object(Dictionary(action.inputs.map { ($0.name, JSON($0.digest)) }, uniquingKeysWith: { $1 })),
            "outputs": .object(Dictionary(action.outputs.map { ($0.name, JSON($0.digest)) }, uniquingKeysWith: { $1 })),
          ]
        }), "ends": .array(ends.map { JSON($0) }),
    ]
  }
}
