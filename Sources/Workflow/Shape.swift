/// What may stand in one place of a workflow, and how it is read. Scalars are read as the shape wants them, whatever YAML
/// would guess: `no` is a boolean nowhere and a fine category.
package indirect enum Shape: Sendable {
  /// Text that is not empty → JSON string.
  case text
  /// A path, as written → JSON string. Whether something is there is a matter for the kind's `check`. In the address of a
  /// PostgreSQL database, `${secret:NAME}` may stand.
  case path
  /// `true` or `false` → JSON boolean.
  case boolean
  /// → JSON integer.
  case integer(ClosedRange<Int>)
  /// → JSON number. A lower bound of `leastNonzeroMagnitude` reads as "above 0".
  case number(ClosedRange<Double>)
  /// `5%` or `0.05` → JSON number from 0 to 1.
  case share
  /// `25%` or `0.25` → JSON number above 0 and below 1; an integer from 1 → JSON integer, a number of rows.
  case shareOrCount
  /// `30s`, `5m`, `2h`, `1d` → JSON number of seconds.
  case duration
  /// One of these words → JSON string.
  case choice([String])
  /// → JSON array.
  case list(Shape)
  /// Any keys, values of one shape → JSON object.
  case map(Shape)
  /// Known keys → JSON object.
  case record([SettingGrammar])
  /// The first of these that fits.
  case anyOf([Shape])
  /// Names a step, or one output of a step as `step.output`. It leaves the settings and enters `StepSpec.inputs`.
  case artifact([ArtifactType])
  /// Any scalar, kept as its text → JSON string. May be empty when quoted.
  case scalar
  /// Text in which `${secret:NAME}` may stand → JSON string with the reference as written; nothing here resolves it.
  case secret
  /// Text in a small language of its own, such as gate conditions → JSON string.
  case checked(name: String, check: @Sendable (String) -> [TextProblem])
}

/// What is wrong inside a `Shape.checked` text.
package struct TextProblem: Sendable, Hashable {
  /// Where it begins in the text, in bytes of UTF-8.
  package var offset: Int
  /// How many bytes it covers.
  package var length: Int
  package var code: String
  package var message: String
  package var help: [String]

  package init(offset: Int, length: Int, code: String, message: String, help: [String] = []) {
    self.offset = offset
    self.length = length
    self.code = code
    self.message = message
    self.help = help
  }
}
