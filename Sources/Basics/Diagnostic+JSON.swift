package import Diagnostics

extension Diagnostic {
  /// The form in results, run records and `--format json`: severity, code, message, file, line, column, help, notes.
  package var json: JSON {
    var value: JSON = ["severity": .string(severity.rawValue), "code": .string(code), "message": .string(message)]
    value.add(place)
    if !help.isEmpty { value["help"] = JSON(help) }
    if !notes.isEmpty {
      value["notes"] = .array(
        notes.map { note in
          var value: JSON = ["message": .string(note.message)]
          value.add(note.place)
          return value
        })
    }
    return value
  }

  /// Reads what `json` wrote; nil for anything else.
  package init?(json: JSON) {
    guard let severity = json["severity"]?.stringValue.flatMap(Severity.init(rawValue:)),
      let code = json["code"]?.stringValue, let message = json["message"]?.stringValue
    else { return nil }
    self.init(
      severity: severity, code, message, at: Place(json: json),
      help: (json["help"]?.arrayValue ?? []).compactMap(\.stringValue),
      notes: (json["notes"]?.arrayValue ?? []).compactMap { note in
        note["message"]?.stringValue.map { Note($0, at: Place(json: note)) }
      })
  }
}

extension Place {
  fileprivate init?(json: JSON) {
    guard let file = json["file"]?.stringValue else { return nil }
    self.init(file: file, line: json["line"]?.intValue, column: json["column"]?.intValue)
  }
}

extension JSON {
  fileprivate mutating func add(_ place: Place?) {
    guard let place else { return }
    self["file"] = .string(place.file)
    if let line = place.line { self["line"] = JSON(line) }
    if let column = place.column { self["column"] = JSON(column) }
  }
}
