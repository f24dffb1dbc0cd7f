package import Basics

/// One line of `history.jsonl`: who did what to which channel, and on which verdict.
package struct HistoryEntry: Sendable, Hashable {
  package enum Event: String, Sendable, Hashable, CaseIterable {
    /// A channel moved on to a version.
    case release
    /// A channel moved back; the version it left is barred unless told otherwise.
    case rollback
    /// A digest is barred from release.
    case quarantine
    case liftQuarantine = "lift-quarantine"
  }

  package var event: Event
  package var time: Timestamp
  /// Who, as the caller knows them.
  package var actor: String
  /// The channel that moved, from which digest to which; nil for events that move none.
  package var channel: String?
  package var from: Digest?
  package var to: Digest?
  /// The number of the version moved to, barred or let go.
  package var number: Int?
  /// The digest that this entry bars, or lets go.
  package var quarantine: Digest?
  package var verdict: String?
  package var run: String?
  package var reason: String?

  package init(
    _ event: Event, time: Timestamp = .now, actor: String, channel: String? = nil, from: Digest? = nil,
    to: Digest? = nil, number: Int? = nil, quarantine: Digest? = nil, verdict: String? = nil, run: String? = nil,
    reason: String? = nil
  ) {
    self.event = event
    self.time = time
    self.actor = actor
    self.channel = channel
    self.from = from
    self.to = to
    self.number = number
    self.quarantine = quarantine
    self.verdict = verdict
    self.run = run
    self.reason = reason
  }

  package var json: JSON {
    func text(_ value: String?) -> JSON { value.map(JSON.string) ?? nil }
    return [
      "event": .string(event.rawValue), "time": .string(time.text), "actor": .string(actor), "channel": text(channel),
      "from": text(from?.hex), "to": text(to?.hex), "number": number.map { JSON($0) } ?? nil,
      "quarantine": text(quarantine?.hex), "verdict": text(verdict), "run": text(run), "reason": text(reason),
    ]
  }

  init?(json: JSON) {
    guard let event = (json["event"]?.stringValue).flatMap(Event.init(rawValue:)),
      let time = (json["time"]?.stringValue).flatMap(Timestamp.init(text:)), let actor = json["actor"]?.stringValue
    else { return nil }
    self.init(
      event, time: time, actor: actor, channel: json["channel"]?.stringValue, from: json["from"]?.digestValue,
      to: json["to"]?.digestValue, number: json["number"]?.intValue, quarantine: json["quarantine"]?.digestValue,
      verdict: json["verdict"]?.stringValue, run: json["run"]?.stringValue, reason: json["reason"]?.stringValue)
  }
}
