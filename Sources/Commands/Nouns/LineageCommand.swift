import ArgumentParser
import Basics
import Diagnostics
import ModelRegistry
import ObjectStore

struct LineageCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage", abstract: "From a model back to its data file, or from a data file forward to every model.")

  @Argument(help: "A digest, the beginning of one, a data file, or a model such as penguins@production.") var subject:
    String
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, store) = try shared.registry()
    let digest = try resolve(registry, store)
    let up = try store.lineage(of: digest, .up)
    let down = try store.lineage(of: digest, .down)
    if shared.format == .json {
      console.answer(["digest": JSON(digest), "made_from": up.json, "used_for": down.json])
      return nil
    }
    var blocks = ["\(digest.hex)"]
    if !up.actions.isEmpty { blocks.append("made from\n" + up.text) }
    if !down.actions.isEmpty { blocks.append("used for\n" + down.text) }
    if up.actions.isEmpty, down.actions.isEmpty {
      blocks.append("nothing made it and nothing used it in this workspace")
    }
    console.answer(blocks.joined(separator: "\n\n"))
    return nil
  }

  private func resolve(_ registry: Registry, _ store: Store) throws -> Digest {
    if subject.contains("@") { return try registry.resolve(subject).digest }
    if try registry.models().contains(subject) { return try registry.resolve(subject).digest }
    if try Files.status(subject)?.kind == .file { return try store.digest(ofFile: subject, cancellation: .process) }
    if let digest = Digest(hex: subject) { return digest }
    return try store.resolve(subject)
  }
}
