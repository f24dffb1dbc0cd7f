import Basics
import Inference
import ModelRegistry
import ObjectStore

/// What is laid beside the three files of a released model: about it, not part of its digest.
struct ReleaseDocuments {
  /// By file name.
  let files: [String: [UInt8]]

  /// `scores` is the evaluation where no gate recorded one.
  init(_ version: ModelVersion, scores: Digest?, store: Store, cancellation: Cancellation) throws {
    let verdict = try version.report.map { try store.readJSON($0) }
    let scored = try (verdict?["scores"]?.digestValue ?? scores).map { try store.readJSON($0) }
    let metrics = (scored?["parts"]?.objectValue ?? [:]).mapValues { $0["metrics"] ?? [:] }
    let model = try store.openModel(version.digest, cancellation: cancellation)
    let release: JSON = [
      "model": .string(version.model), "version": JSON(version.number), "digest": JSON(version.digest),
      "verdict": version.verdict.map { .string($0) } ?? .null,
      "workflow": version.workflow.map { .string($0) } ?? .null,
      "run": version.run.map { .string($0) } ?? .null, "created": .string(version.created.text),
      "metrics": .object(metrics),
    ]
    let provenance = try store.lineage(of: version.digest, .up)
    let card = ModelCard(version: version, model: model, verdict: verdict, metrics: metrics)
    files = [
      "release.json": Array(release.pretty.utf8), "provenance.json": Array(provenance.json.pretty.utf8),
      "card.md": Array(card.markdown.utf8), "report.html": Array(card.html.utf8),
    ]
  }
}
