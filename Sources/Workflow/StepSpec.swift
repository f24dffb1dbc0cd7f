package import Basics
package import Diagnostics

/// One step of a workflow: its kind, its settings after defaults, and what it reads.
package struct StepSpec: Sendable {
  package var name: String
  package var kind: String
  /// An object: settings after defaults and normalised, without artifact settings.
  package var settings: JSON
  /// What the artifact settings refer to, named or inferred. A reference inside a map has the key `setting.key`, those of
  /// a list stand in its order under the name of the setting.
  package var inputs: [String: [ArtifactReference]]
  /// Steps that must be done before this one although it reads nothing of theirs, in document order.
  package var after: [String]
  /// How often a failed step is tried again.
  package var retry: Int
  package var timeout: Duration?
  /// The step's name in the file.
  package var place: Place
  /// Whether nothing is wrong with the step. One that is not sound may lack settings and inputs; the checks of kinds can
  /// meet it, where another step is at fault.
  package internal(set) var isSound = true
  /// Places of the kind (empty path), of settings, and of all that is inside them.
  var places: [[String]: SettingPlace]

  package init(
    name: String, kind: String, settings: JSON, inputs: [String: [ArtifactReference]] = [:], after: [String] = [],
    retry: Int = 0, timeout: Duration? = nil, place: Place
  ) {
    self.name = name
    self.kind = kind
    self.settings = settings
    self.inputs = inputs
    self.after = after
    self.retry = retry
    self.timeout = timeout
    self.place = place
    places = [:]
  }

  /// The one artifact of a setting that takes one; nil where it is left out.
  package func input(_ setting: String) -> ArtifactReference? { inputs[setting]?.first }

  /// Where the value at a path of settings is written, such as `("columns", "age", "min")` or `("require", "[0]")`; the
  /// nearest enclosing one where it was left out, at last the step's kind.
  package func place(of path: String...) -> Place { place(ofPath: path) }

  package func place(ofPath path: [String]) -> Place { nearest(path)?.value.place ?? place }

  /// Where the key of the value at a path of settings is written; the same fallback.
  package func keyPlace(of path: String...) -> Place { keyPlace(ofPath: path) }

  package func keyPlace(ofPath path: [String]) -> Place { nearest(path)?.key.place ?? place }

  /// Whether the value at a path of settings is written, rather than left out and filled in.
  package func isWritten(_ path: String...) -> Bool { places[path] != nil }

  /// Whether some of its settings come from the command line.
  package var isOverridden: Bool { places.values.contains { $0.value.place.file == "--set" } }

  /// Where bytes (UTF-8) of the text at a path of settings are written: for checks that point inside a text. The whole text
  /// where escapes, line folding or replaced variables make that impossible.
  package func place(of path: String..., within bytes: Range<Int>) -> Place {
    places[path]?.span(of: bytes).place ?? place(ofPath: path)
  }

  private func nearest(_ path: [String]) -> SettingPlace? {
    var path = path
    while !path.isEmpty {
      if let found = places[path] { return found }
      path.removeLast()
    }
    return places[[]]
  }
}

/// Where one setting is written.
struct SettingPlace: Sendable {
  var key: Span
  var value: Span
  /// The value's text where it stands in the file letter by letter, from `textColumn`.
  var text: String?
  var textColumn = 0

  func span(of bytes: Range<Int>) -> Span {
    guard let text, bytes.lowerBound >= 0, bytes.upperBound <= text.utf8.count else { return value }
    let utf8 = Array(text.utf8)
    func scalars(_ bytes: some Sequence<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
    var span = value
    span.column = textColumn + scalars(utf8[..<bytes.lowerBound])
    span.length = max(1, scalars(utf8[bytes]))
    return span
  }
}
