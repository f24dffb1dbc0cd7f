import Basics

/// What changes the folder. The lock of the model is held.
extension ServingFolder {
  /// Clears away what a dead process left and gives the history: a torn last line is cut, staging is removed, and a switch
  /// that was written into the history but not made is made.
  func repair() throws -> History {
    guard Files.exists(path) else { return History() }
    let history = try history()
    if let size = try Files.status(historyPath)?.size, size > history.length { try cut(to: history.length) }
    for name in try Files.list(path) where name.hasPrefix(".") { try Files.removeTree(path + "/" + name) }
    for name in try Files.list(versionsFolder) where name.hasPrefix(".") {
      try Files.removeTree(versionsFolder + "/" + name)
    }
    for channel in history.channels {
      guard let entry = history.served(channel), let target = entry.to, Files.exists(folder(of: target)) else {
        continue
      }
      // A link that points to anything else was set by somebody's hand, and is theirs.
      if try linked(channel) == entry.from, entry.from != target { try point(channel, to: target) }
    }
    return history
  }

  /// Adds an entry to the history, durably.
  func append(_ entry: HistoryEntry, to history: inout History) throws {
    let isNew = !Files.exists(historyPath)
    if isNew { try Files.makeFolder(path) }
    let line = history.line(entry)
    do {
      let file = try FileHandle(appending: historyPath)
      try file.write(line)
      try file.sync()
    } catch {
      try? cut(to: history.length)
      throw error
    }
    if isNew { try Files.syncFolder(path) }
    history.append(entry, line)
  }

  /// Points a channel at a version in one step.
  func point(_ channel: String, to digest: Digest) throws {
    let link = "\(path)/.\(channel).\(uniqueSuffix())"
    try Files.makeLink(link, to: "versions/\(digest.hex)")
    do { try Files.rename(link, to: "\(path)/\(channel)") } catch {
      try? Files.remove(link)
      throw error
    }
    try Files.syncFolder(path)
  }

  private func cut(to length: Int) throws {
    let file = try FileHandle(appending: historyPath)
    try file.truncate(to: length)
    try file.sync()
  }
}
