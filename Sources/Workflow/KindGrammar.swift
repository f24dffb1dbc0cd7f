package import Diagnostics

/// The grammar of one step kind: what may be written under `ingest:`, `train:` and so on, and how such a step is wired.
///
/// Kinds are values that are passed to `WorkflowParser`, so a new one is a new file beside the others and nothing here
/// changes.
package struct KindGrammar: Sendable {
  package var name: String
  /// One phrase for the docs and the editor's tooltip.
  package var summary: String
  package var settings: [SettingGrammar]
  /// The types of what a step of this kind makes, most of them one. Nil when it makes files that are named by the keys of
  /// its setting `outputs`, which others read as `step.output`.
  package var outputs: [ArtifactType]?
  /// The artifact setting whose table this kind replaces for the steps after it: what `validate` and `split` read is no
  /// longer a candidate for settings that were left out, what they make is.
  package var replaces: String?
  /// The setting that a bare value stands for: with `bareSetting` `test`, `split: 25%` is `split: { test: 25% }`.
  package var bareSetting: String?
  /// Further checks of one step, called once everything is wired and only where the step itself is sound. Other steps of
  /// the document may lack settings that were wrong.
  package var check: @Sendable (StepSpec, WorkflowDocument) -> [Diagnostic]
  /// Steps that must be done before this one although it reads nothing of theirs; they become `StepSpec.after`. Called
  /// after wiring, in document order.
  package var waitsFor: @Sendable (StepSpec, WorkflowDocument) -> [String]

  package init(
    name: String, summary: String, settings: [SettingGrammar], outputs: [ArtifactType]?, replaces: String? = nil,
    bareSetting: String? = nil,
    check: @escaping @Sendable (StepSpec, WorkflowDocument) -> [Diagnostic] = { _, _ in [] },
    waitsFor: @escaping @Sendable (StepSpec, WorkflowDocument) -> [String] = { _, _ in [] }
  ) {
    self.name = name
    self.summary = summary
    self.settings = settings
    self.outputs = outputs
    self.replaces = replaces
    self.bareSetting = bareSetting
    self.check = check
    self.waitsFor = waitsFor
  }
}
