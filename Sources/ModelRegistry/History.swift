package import Basics

/// What has happened to the channels of one model, as a value: lines that each hold the digest of the line before.
package struct History: Sendable, Hashable {
  package private(set) var entries: [HistoryEntry] = []
  /// The digest of the last line, without its newline.
  package private(set) var head: Digest?
  /// Bytes up to the end of the last whole line. What follows was never acknowledged.
  private(set) var length = 0

  /// The history of a model nobody ever released.
  package init() {}

  /// Reads a whole file and holds every line against the one before. A last line without newline is left out: its writer
  /// died. Throws `RegistryError.historyBroken` at the first line that does not fit.
  package init(model: String, bytes: [UInt8]) throws {
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = Array(bytes[start..<end])
      let number = entries.count + 1
      guard let json = try? JSON(parsing: line), json.canonicalBytes == line, let entry = HistoryEntry(json: json)
      else {
        throw RegistryError.historyBroken(model: model, line: number, reason: "it is not an entry")
      }
      guard json["previous"]?.digestValue == head, json["sequence"]?.intValue == number else {
        throw RegistryError.historyBroken(model: model, line: number, reason: "it does not follow the line before")
      }
      entries.append(entry)
      head = Digest(of: line)
      start = end + 1
    }
    length = start
  }

  /// The line that `entry` would be next, with its newline.
  func line(_ entry: HistoryEntry) -> [UInt8] {
    var json = entry.json
    json["previous"] = head.map { JSON($0) } ?? .null
    json["sequence"] = JSON(entries.count + 1)
    return json.canonicalBytes + [UInt8(ascii: "\n")]
  }

  /// Takes up an entry that was written as `line`.
  mutating func append(_ entry: HistoryEntry, _ line: [UInt8]) {
    entries.append(entry)
    head = Digest(of: line.dropLast())
    length += line.count
  }

  /// What the channel should serve; nil where it never served anything.
  package func served(_ channel: String) -> HistoryEntry? {
    entries.last { $0.channel == channel && $0.to != nil }
  }

  /// The channels that ever served something, sorted.
  package var channels: [String] { Set(entries.compactMap(\.channel)).sorted() }

  /// Every digest that any channel ever served, sorted.
  package var servedDigests: [Digest] { Set(entries.compactMap(\.to)).sorted() }

  /// The digests that are barred from release now, sorted.
  package var quarantined: [Digest] {
    var barred: Set<Digest> = []
    for entry in entries {
      guard let digest = entry.quarantine else { continue }
      if entry.event == .liftQuarantine { barred.remove(digest) } else { barred.insert(digest) }
    }
    return barred.sorted()
  }

  /// Where a rollback of the channel goes: what it served last other than `present`, and may be served still.
  package func previousGood(_ channel: String, to present: Digest) -> HistoryEntry? {
    let barred = Set(quarantined)
    return entries.last { entry in
      guard entry.channel == channel, let digest = entry.to else { return false }
      return digest != present && !barred.contains(digest)
    }
  }
}
