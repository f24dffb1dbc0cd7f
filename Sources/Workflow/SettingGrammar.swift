package import Basics

/// The grammar of one setting.
package struct SettingGrammar: Sendable {
  package var name: String
  /// One phrase for the docs and the editor's tooltip.
  package var summary: String
  package var shape: Shape
  /// Whether a step without it is an error. For an artifact setting: whether it is an error that neither the file nor the
  /// wiring rule gives one.
  package var isRequired: Bool
  /// What it is when left out, as the shape writes it (seconds for a duration, a number for a share); nil leaves it out of
  /// the settings. The fallback of a record is filled with the fallbacks of its members.
  package var fallback: JSON?
  /// For an artifact setting left out: take what another step takes, before the wiring rule is asked.
  package var fallbackFrom: Origin?
  /// For an artifact setting: the setting that says the same in another way. Where that one is written, this one is not
  /// inferred.
  package var alternativeTo: String?
  /// For a record: what to say of members that it does not have, by their name; of all others under the empty name.
  package var refusals: [String: String]

  /// `theirSetting` of the step that `setting` of this step refers to. With `setting` `model` and `theirSetting` `data`,
  /// `evaluate.data` is what the step that trained its model was given.
  package struct Origin: Sendable, Hashable {
    package var setting: String
    package var theirSetting: String

    package init(setting: String, theirSetting: String) {
      self.setting = setting
      self.theirSetting = theirSetting
    }
  }

  package init(
    _ name: String, _ summary: String, _ shape: Shape, isRequired: Bool = false, fallback: JSON? = nil,
    fallbackFrom: Origin? = nil, alternativeTo: String? = nil, refusals: [String: String] = [:]
  ) {
    self.name = name
    self.summary = summary
    self.shape = shape
    self.isRequired = isRequired
    self.fallback = fallback
    self.fallbackFrom = fallbackFrom
    self.alternativeTo = alternativeTo
    self.refusals = refusals
  }
}
