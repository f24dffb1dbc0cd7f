import Basics
import Execution
import Tabular
import Workflow

/// What an `ingest` step reads, settled before it runs: the files with their digests, or rows that were taken out of what
/// can change.
enum PinnedSource: Sendable {
  /// One file.
  case file(SourceFile)
  /// Files that make one table; the digest names a manifest in the store.
  case files([SourceFile], manifest: Digest)
  /// Rows of a database, kept as a table in the store.
  case rows(SourceFile, query: String, hasUntypedStrings: Bool)

  /// What the input of the action is.
  var digest: Digest {
    switch self {
    case .file(let file), .rows(let file, _, _): file.digest
    case .files(_, let manifest): manifest
    }
  }

  /// Whether it is text whose cells stand between tabs, by its name.
  var isTabbed: Bool {
    switch self {
    case .file(let file): file.format == .tsv
    case .files(let files, _): files.first?.format == .tsv
    case .rows: false
    }
  }

  /// The word in the settings of the action; nil for a CSV file, whose settings came before there were others.
  var format: String? {
    switch self {
    case .file(let file): file.format == .csv ? nil : file.format.rawValue
    case .files(let files, _): "files:" + (files.first?.format.rawValue ?? "")
    case .rows(_, _, let hasUntypedStrings): hasUntypedStrings ? "rows:untyped" : "rows"
    }
  }
}

extension PinnedSource {
  /// The settings of a step that the table depends on, as they are in its action.
  func settings(of step: StepSpec) -> JSON {
    var settings: JSON = [:]
    if let format { settings["format"] = .string(format) }
    for name in settingNames { settings[name] = step.settings[name] }
    return settings
  }

  private var settingNames: [String] {
    switch self {
    case .file(let file): file.format.settingNames
    case .files(let files, _): files.first?.format.settingNames ?? []
    case .rows: ["missing", "columns"]
    }
  }

  /// What was read, as the record of the run tells it.
  var report: JSON {
    switch self {
    case .file(let file): ["source": .string(file.name), "source_sha256": JSON(file.digest)]
    case .files(let files, let manifest):
      [
        "source_sha256": JSON(manifest),
        "files": .array(files.map { ["name": .string($0.name), "sha256": JSON($0.digest)] }),
      ]
    case .rows(let rows, let query, _):
      ["source": .string(rows.name), "query": .string(query), "source_sha256": JSON(rows.digest)]
    }
  }
}

/// One file of a source.
struct SourceFile: Sendable {
  /// As messages call it: relative to the workspace as far as it lies there.
  var name: String
  var path: String
  var format: SourceFormat
  var digest: Digest
  var partition = PartitionValues("")
}

extension PinnedSource {
  /// What the runner needs, as hints of the action.
  var hints: JSON {
    switch self {
    case .file(let file): ["path": .string(file.path), "name": .string(file.name)]
    case .files(let files, _): ["files": .array(files.map(\.json))]
    case .rows(let file, let query, _): ["rows": file.json, "query": .string(query)]
    }
  }

  /// What `hints` wrote, with the digest of the input and the word of the settings; nil for anything else.
  init?(hints: JSON, digest: Digest, format: String?) {
    if let files = hints["files"]?.arrayValue {
      self = .files(files.compactMap(SourceFile.init), manifest: digest)
    } else if let rows = hints["rows"].flatMap(SourceFile.init) {
      self = .rows(
        rows, query: hints["query"]?.stringValue ?? "", hasUntypedStrings: format == "rows:untyped")
    } else if let path = hints["path"]?.stringValue, let name = hints["name"]?.stringValue {
      let format = format.flatMap(SourceFormat.init) ?? .csv
      self = .file(SourceFile(name: name, path: path, format: format, digest: digest))
    } else {
      return nil
    }
  }
}

extension SourceFile {
  fileprivate var json: JSON {
    [
      "name": .string(name), "path": .string(path), "format": .string(format.rawValue), "digest": JSON(digest),
      "partition": partition.json,
    ]
  }

  fileprivate init?(_ json: JSON) {
    guard let name = json["name"]?.stringValue, let path = json["path"]?.stringValue,
      let format = json["format"]?.stringValue.flatMap(SourceFormat.init),
      let digest = json["digest"]?.stringValue.flatMap(Digest.init(hex:))
    else { return nil }
    // The path tells the values again.
    self.init(name: name, path: path, format: format, digest: digest, partition: PartitionValues(name))
  }
}

extension PartitionValues {
  /// `[[name, value or null], …]`, in the order of the path.
  var json: JSON { .array(values.map { [.string($0.name), $0.text.map(JSON.string) ?? .null] }) }
}

extension SourceFormat {
  fileprivate var settingNames: [String] {
    switch self {
    case .libsvm: []
    case .csv, .tsv: ["missing", "columns"] + csvSettingNames + badRowSettingNames
    case .jsonl: ["missing", "columns"] + badRowSettingNames
    default: ["missing", "columns"]
    }
  }
}
