import Basics
import Diagnostics
import Execution
import Glibc
package import ObjectStore
import Synchronization
import Tabular
package import Workflow

/// Finds what a step's `source` or `file` means, and settles it: digests of files, rows of what can change.
struct SourcePinning {
  let step: StepSpec
  let context: PlanContext

  /// Throws `SettingProblem`, `FileError`, `Cancelled`, and what the readers of databases throw.
  func pin(_ inputs: [Action.Input]) throws -> PinnedSource {
    if let input = inputs.first { return try pinArtifact(input) }
    let written = step.settings["source"]?.stringValue ?? ""
    if written == "-" { return try pinStandardInput() }
    if let address = DatabaseAddress(written) { return try pinPostgreSQL(address) }
    let path = context.workspace.absolute(written)
    if let scheme = written.firstRange(of: "://"), try Files.status(path) == nil {
      throw problem(
        "unread-address", "addresses that begin with '\(written[..<scheme.upperBound])' are not read",
        help: ["fetch the file first, or read it from standard input: source: '-'"])
    }
    if let status = try Files.status(path) {
      switch status.kind {
      case .file: return try pinFile(path, named: written)
      case .folder: return try pinFiles(try filesBelow(path).map { written.joined($0) }, of: written)
      default: throw problem("no-file", "'\(written)' is neither a file nor a folder")
      }
    }
    guard GlobPattern.isPattern(written) else {
      throw SettingProblem(
        ["source"], missingFileDiagnostic(written: written, resolved: path, place: step.place(of: "source")))
    }
    let found = try GlobPattern(written).matches(below: context.workspace.root) { try entries(of: $0) }
    if found.isEmpty {
      throw problem("no-match", "no file matches '\(written)'", help: ["paths are relative to the workspace"])
    }
    return try pinFiles(found, of: written)
  }

  /// The one file that the source names, where `pin` would hash it and that takes long enough for reading to begin meanwhile: one
  /// of text, which is read in one pass. Its digest is not known yet.
  func fileToHash() throws -> SourceFile? {
    let written = step.settings["source"]?.stringValue ?? ""
    let path = context.workspace.absolute(written)
    guard written != "-", DatabaseAddress(written) == nil, let status = try Files.status(path), status.kind == .file,
      status.size >= 16 << 20, try !context.store.knowsDigest(ofFile: path)
    else { return nil }
    let format = try format(of: path, named: written)
    guard format == .csv || format == .tsv || format == .jsonl else { return nil }
    return SourceFile(name: written, path: path, format: format, digest: Digest(of: ""))
  }

  private func pinArtifact(_ input: Action.Input) throws -> PinnedSource {
    let name = step.input("file")?.text ?? "file"
    guard !input.isTree else {
      throw SettingProblem(["file"], .error("is-folder", "'\(name)' is a folder, expected a file"))
    }
    let path = try context.store.path(of: input.digest)
    return .file(
      SourceFile(name: name, path: path, format: try format(of: path, named: name, "file"), digest: input.digest))
  }

  private func pinFile(_ path: String, named name: String) throws -> PinnedSource {
    let format = try format(of: path, named: name)
    if format == .sqlite { return try pinSQLite(path, named: name) }
    for setting in ["query", "table"] where step.settings[setting] != nil {
      throw SettingProblem(
        [setting], .error("no-database", "'\(setting)' is for databases, and '\(name)' is \(format.phrase)"))
    }
    return .file(SourceFile(name: name, path: path, format: format, digest: try digest(of: path)))
  }

  /// Files in byte order of their names, all of one format and with values of the same names in their paths.
  private func pinFiles(_ names: [String], of written: String) throws -> PinnedSource {
    let files = try names.map { name in
      let path = context.workspace.absolute(name)
      return SourceFile(
        name: name, path: path, format: try format(of: path, named: name), digest: try digest(of: path),
        partition: PartitionValues(name))
    }
    guard let first = files.first else {
      throw problem(
        "empty-folder", "there is no file in '\(written)'", help: ["names with a leading '.' or '_' are passed over"])
    }
    for file in files.dropFirst() {
      if file.format != first.format {
        throw problem(
          "different-formats", "'\(file.name)' is \(file.format.phrase), but '\(first.name)' is \(first.format.phrase)",
          help: ["narrow the pattern, or set 'format'"])
      }
      if file.partition.names != first.partition.names {
        throw problem(
          "different-partitions",
          "the path of '\(file.name)' names \(file.partition.list), but that of '\(first.name)' names \(first.partition.list)"
        )
      }
    }
    if first.format == .libsvm || first.format == .sqlite {
      throw problem(
        "not-combined", "'\(written)' means files of which each is \(first.format.phrase), which are read one at a time"
      )
    }
    if Set(first.partition.names).count < first.partition.names.count {
      throw problem("double-partition", "the path of '\(first.name)' names a value twice")
    }
    let manifest: JSON = [
      "files": .array(files.map { ["digest": JSON($0.digest), "partition": $0.partition.json] })
    ]
    return .files(files, manifest: try context.store.put(manifest.canonicalBytes))
  }

  /// The rest of standard input, kept in the store, so that it can be read again.
  private func pinStandardInput() throws -> PinnedSource {
    if isatty(STDIN_FILENO) == 1 {
      throw problem("terminal", "standard input is a terminal", help: ["pipe the data in: mlflowctl … < FILE"])
    }
    let digest = try StandardInput.shared.digest {
      let staged = context.store.makeStagingPath()
      do {
        try StandardInput.copy(to: staged, context.cancellation)
        return try context.store.adopt(staged, cancellation: context.cancellation)
      } catch {
        unlink(staged)
        throw error
      }
    }
    let path = try context.store.path(of: digest)
    let name = "standard input"
    return .file(SourceFile(name: name, path: path, format: try format(of: path, named: name), digest: digest))
  }

  private func digest(of path: String) throws -> Digest {
    try context.store.digest(ofFile: path, cancellation: context.cancellation)
  }

  /// The format that is set, unless the content is plainly another; else what content and name say.
  private func format(of path: String, named name: String, _ setting: String = "source") throws -> SourceFormat {
    let head = try SourceFormat.firstBytes(of: path)
    guard let word = step.settings["format"]?.stringValue, let format = SourceFormat(rawValue: word) else {
      return .detected(head: head, name: name)
    }
    if let actual = SourceFormat.byContent(head), actual != format {
      throw SettingProblem(
        ["format"],
        .error("other-format", "'\(name)' is \(actual.phrase), not \(format.phrase)", help: ["remove 'format'"]))
    }
    return format
  }

  private func problem(_ code: String, _ message: String, help: [String] = []) -> SettingProblem {
    SettingProblem(["source"], .error(code, message, help: help))
  }

  /// What is in a folder, in byte order; links to folders are not entered, so that there are no circles.
  private func entries(of folder: String) throws -> [(name: String, isFolder: Bool)] {
    try context.cancellation.check()
    guard try Files.status(folder)?.kind == .folder else { return [] }
    return try Files.list(folder).compactMap { name in
      guard let status = try Files.status(folder + "/" + name) else { return nil }
      if status.kind == .file { return (name, false) }
      let isOwn = try Files.status(folder + "/" + name, followLinks: false)?.kind == .folder
      return status.kind == .folder && isOwn ? (name, true) : nil
    }
  }

  /// All files below a folder, as seen from there, but those whose names begin with a dot or an underscore.
  private func filesBelow(_ folder: String) throws -> [String] {
    var found: [String] = []
    func walk(_ path: String) throws {
      for (name, isFolder) in try entries(of: path.isEmpty ? folder : folder + "/" + path) {
        if name.hasPrefix(".") || name.hasPrefix("_") { continue }
        let below = path.isEmpty ? name : path + "/" + name
        if isFolder { try walk(below) } else { found.append(below) }
      }
    }
    try walk("")
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// The source of an `ingest` step as it is written, where it names a file and none is there. Patterns are matched when the
/// step runs.
package func missingSource(of step: StepSpec, in workspace: Workspace) -> String? {
  guard let written = step.settings["source"]?.stringValue, written != "-", !isPostgreSQLAddress(written),
    !GlobPattern.isPattern(written),
    !Files.exists(workspace.absolute(written))
  else { return nil }
  return written
}

/// Standard input, which is there once in a process.
private final class StandardInput: Sendable {
  static let shared = StandardInput()
  private let kept = Mutex<Digest?>(nil)

  /// What `keep` gave the first time.
  func digest(_ keep: () throws -> Digest) rethrows -> Digest {
    try kept.withLock { kept in
      let digest = try kept ?? keep()
      kept = digest
      return digest
    }
  }

  static func copy(to path: String, _ cancellation: Cancellation) throws {
    let target = try FileHandle(creating: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      try waitUntilReadable(STDIN_FILENO, cancellation)
      let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("read", "standard input")
      }
      if count == 0 { return }
      try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}

extension String {
  fileprivate func joined(_ name: String) -> String { hasSuffix("/") ? self + name : self + "/" + name }
}

extension PartitionValues {
  fileprivate var list: String { names.isEmpty ? "no value" : names.map { "'\($0)'" }.joined(separator: " and ") }
}
