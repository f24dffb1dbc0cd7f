import ArgumentParser
import Basics
import Diagnostics
import Execution
import ModelRegistry
import ObjectStore
import Steps

struct PromoteCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Move a channel to a registered version, if its gate says so.",
    discussion: "The gate's conditions are judged again, against what the channel serves now, on the same rows.")

  @Argument(help: "MODEL, MODEL@VERSION, MODEL@CHANNEL or MODEL@DIGEST; the newest version when none is named.")
  var model: String
  @Option(help: ArgumentHelp("The channel to move.", valueName: "channel")) var to: String
  @Flag(help: "Needed for a channel that serves nothing yet.") var first = false
  @Flag(help: "Release a model again that was rolled back.") var liftQuarantine = false
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, store) = try shared.registry()
    let version = try model.contains("@") ? registry.resolve(model) : registry.latest(model)
    let served = try registry.serving(version.model).linked(to)
    if served == nil, !first {
      throw Problems(
        .error(
          "empty-channel", "channel '\(to)' of '\(version.model)' serves nothing yet",
          help: ["add --first if it should begin with this version"]), failure: .usage)
    }
    let promotion = Promotion(store: store, threads: processorCount(), cancellation: .process)
    let judged = try promotion.judge(version, against: served)
    let passed = judged.verdict == nil || judged.verdict == .pass
    if passed { _ = try promotion.release(version, to: to, liftingQuarantine: liftQuarantine) }
    answer(console, version, served, judged, passed)
    switch judged.verdict {
    case .refuse: return .answerIsNo
    case .inconclusive: return .inconclusive
    case .pass, nil: return nil
    }
  }

  private func answer(
    _ console: Console, _ version: ModelVersion, _ served: Digest?, _ judged: Promotion.Judgement, _ passed: Bool
  ) {
    if shared.format == .json {
      console.answer([
        "model": ["name": .string(version.model), "version": JSON(version.number), "digest": JSON(version.digest)],
        "channel": .string(to), "before": served.map { JSON($0) } ?? .null,
        "verdict": judged.verdict.map { .string($0.rawValue) } ?? .null, "conditions": .array(judged.conditions),
        "deployed": passed ? ["channel": .string(to), "digest": JSON(version.digest)] : .null,
      ])
      return
    }
    var blocks: [String] = []
    if !judged.conditions.isEmpty {
      blocks.append(RunSummary.conditions(judged.conditions, title: "gate", colour: console.hasColour.output))
    }
    let label = "\(version.model) version \(version.number) (\(version.digest.short))"
    if judged.verdict == nil { blocks.append("no gate judged \(label)") }
    blocks.append(
      !passed
        ? "\(to) is untouched: \(judged.verdict == .refuse ? "refused" : "inconclusive")"
        : served == version.digest ? "\(to) serves \(label) already" : "\(to) now serves \(label)")
    console.answer(blocks.joined(separator: "\n\n"))
  }
}

struct RollbackCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Back to the previous good version; the bad one is quarantined.")

  @Argument(help: "The model.") var model: String
  @Option(help: "The channel.") var channel = "production"
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, _) = try shared.registry()
    _ = try registry.latest(model)
    let move = try registry.rollback(model, channel: channel, actor: currentUser(), cancellation: .process)
    guard let from = move.from else { return nil }
    if shared.format == .json {
      console.answer([
        "model": .string(model), "channel": .string(channel), "from": JSON(from), "to": JSON(move.to),
        "quarantined": JSON(from),
      ])
    } else {
      console.answer("\(channel) now serves \(move.to.short) again; \(from.short) is quarantined")
    }
    return nil
  }
}
