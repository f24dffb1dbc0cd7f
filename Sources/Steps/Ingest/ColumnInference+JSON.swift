package import Basics
package import Tabular

extension ColumnInference {
  /// `[{"column", "type", "steps": [{"from", "to", "line" or "row", "text"}]}]`: the columns of which some cell made the type
  /// wider.
  package static func json(_ inferences: [ColumnInference]) -> JSON {
    .array(
      inferences.filter { !$0.steps.isEmpty }.map { inference in
        [
          "column": JSON(inference.column), "type": JSON(inference.type.rawValue),
          "steps": .array(inference.steps.map(\.json)),
        ]
      })
  }

  /// Reads what `json` writes; what is anything else is left out.
  package static func list(_ json: JSON?) -> [ColumnInference] {
    (json?.arrayValue ?? []).compactMap { entry in
      guard let column = entry["column"]?.stringValue,
        let type = entry["type"]?.stringValue.flatMap(ColumnType.init(rawValue:))
      else { return nil }
      return ColumnInference(
        column: column, type: type, steps: (entry["steps"]?.arrayValue ?? []).compactMap(Step.init))
    }
  }
}

extension ColumnInference.Step {
  fileprivate var json: JSON {
    var json: JSON = [
      "from": from.map { JSON($0.rawValue) } ?? .null, "to": JSON(to.rawValue), "text": JSON(text),
    ]
    if let line { json["line"] = JSON(line) }
    if let row { json["row"] = JSON(row) }
    return json
  }

  fileprivate init?(_ json: JSON) {
    guard let to = json["to"]?.stringValue.flatMap(ColumnType.init(rawValue:)), let text = json["text"]?.stringValue
    else { return nil }
    self.init(
      from: json["from"]?.stringValue.flatMap(ColumnType.init(rawValue:)), to: to, line: json["line"]?.intValue,
      row: json["row"]?.intValue, text: text)
  }
}
