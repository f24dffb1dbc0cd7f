package import Basics
import ObjectStore

/// What became of a channel.
package struct Switch: Sendable, Hashable {
  package var model: String
  package var channel: String
  package var from: Digest?
  package var to: Digest
  package var number: Int
  /// The folder that is served now.
  package var folder: String
  /// False where the channel served this version already.
  package var isMove: Bool
}

extension Registry {
  /// Points a channel at a version, whose folder is made complete and hashed again first. `files` are laid beside the model
  /// (`release.json`, `card.md`, …) when its folder is made, and only asked for then. Serving it already is fine: the folder is checked and, where
  /// it is damaged, replaced.
  ///
  /// Verdicts are the caller's affair. Throws `RegistryError.quarantined` unless `liftingQuarantine`, and what the store
  /// throws for an artifact that is missing or damaged: the channel is untouched then.
  package func release(
    _ version: ModelVersion, to channel: String, files: @autoclosure () throws -> [String: [UInt8]] = [:],
    actor: String, run: String? = nil,
    liftingQuarantine: Bool = false, cancellation: Cancellation
  ) throws -> Switch {
    guard isChannelName(channel) else { throw RegistryError.badChannel(channel) }
    return try locked(version.model, cancellation: cancellation) { serving, history in
      if history.quarantined.contains(version.digest) {
        guard liftingQuarantine else {
          throw RegistryError.quarantined(model: version.model, digest: version.digest)
        }
        try serving.append(
          HistoryEntry(.liftQuarantine, actor: actor, number: version.number, quarantine: version.digest, run: run),
          to: &history)
      }
      let folder = try install(version.digest, in: serving, files, cancellation)
      let from = try serving.linked(channel)
      let isMove = from != version.digest
      if isMove {
        try serving.append(
          HistoryEntry(
            .release, actor: actor, channel: channel, from: from, to: version.digest, number: version.number,
            verdict: version.verdict, run: run ?? version.run),
          to: &history)
        try serving.point(channel, to: version.digest)
      }
      return Switch(
        model: version.model, channel: channel, from: from, to: version.digest, number: version.number, folder: folder,
        isMove: isMove)
    }
  }

  /// Points a channel back at what it served before, and bars what it serves now from release.
  ///
  /// Throws `RegistryError.nothingServed`, `.noPrevious`, or what `release` throws where the earlier version cannot be
  /// made whole.
  package func rollback(
    _ model: String, channel: String = "production", quarantining: Bool = true, actor: String, reason: String? = nil,
    cancellation: Cancellation
  ) throws -> Switch {
    guard isChannelName(channel) else { throw RegistryError.badChannel(channel) }
    return try locked(model, cancellation: cancellation) { serving, history in
      guard let present = try serving.linked(channel) else {
        throw RegistryError.nothingServed(model: model, channel: channel)
      }
      guard let previous = history.previousGood(channel, to: present), let target = previous.to else {
        throw RegistryError.noPrevious(model: model, channel: channel)
      }
      let folder = try install(target, in: serving, { [:] }, cancellation)
      try serving.append(
        HistoryEntry(
          .rollback, actor: actor, channel: channel, from: present, to: target, number: previous.number,
          quarantine: quarantining ? present : nil, verdict: previous.verdict, run: previous.run, reason: reason),
        to: &history)
      try serving.point(channel, to: target)
      return Switch(
        model: model, channel: channel, from: present, to: target, number: previous.number ?? 0, folder: folder,
        isMove: true)
    }
  }

  /// Bars a version from release, or lets it go. False where that is how it is already.
  package func setQuarantine(
    _ version: ModelVersion, _ isBarred: Bool, actor: String, reason: String? = nil, cancellation: Cancellation
  ) throws -> Bool {
    try locked(version.model, cancellation: cancellation) { serving, history in
      if history.quarantined.contains(version.digest) == isBarred { return false }
      try serving.append(
        HistoryEntry(
          isBarred ? .quarantine : .liftQuarantine, actor: actor, number: version.number, quarantine: version.digest,
          reason: reason),
        to: &history)
      return true
    }
  }
}
