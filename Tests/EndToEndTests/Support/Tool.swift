import Basics
import Foundation
import Testing

/// The built binary, driven as a user drives it.
enum Tool {
  /// The package's folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

  /// `MLFLOWCTL_BINARY`, else the release or debug build of this package.
  static let binary: String = {
    if let path = ProcessInfo.processInfo.environment["MLFLOWCTL_BINARY"] { return path }
    let candidates = ["release", "debug"].map { root + "/.build/\($0)/mlflowctl" }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
  }()

  struct Ending {
    var code: Int32
    var output: String
    var diagnostics: String

    /// The one JSON document on stdout.
    func json() throws -> JSON { try JSON(parsing: output) }
  }
}

/// A child process whose output goes to files, so that nothing blocks however much it writes.
final class Child {
  private let process = Process()
  private let outputPath: String
  private let errorPath: String

  init(
    _ arguments: [String], in folder: String, environment: [String: String] = [:], input: String? = nil,
    through wrapper: [String] = []
  ) throws {
    let stem = NSTemporaryDirectory() + "mlflowctl-out-" + UUID().uuidString
    outputPath = stem + ".out"
    errorPath = stem + ".err"
    for path in [outputPath, errorPath] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let words = wrapper + [Tool.binary] + arguments
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = Foundation.FileHandle(forWritingAtPath: outputPath)
    process.standardError = Foundation.FileHandle(forWritingAtPath: errorPath)
    if let input {
      let path = stem + ".in"
      try Data(input.utf8).write(to: URL(filePath: path))
      process.standardInput = Foundation.FileHandle(forReadingAtPath: path)
    } else {
      process.standardInput = Foundation.FileHandle.nullDevice
    }
    try process.run()
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  func wait() throws -> Tool.Ending {
    process.waitUntilExit()
    defer {
      for path in [outputPath, errorPath] { try? FileManager.default.removeItem(atPath: path) }
    }
    let code = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    return Tool.Ending(
      code: code, output: try String(contentsOfFile: outputPath, encoding: .utf8),
      diagnostics: try String(contentsOfFile: errorPath, encoding: .utf8))
  }
}

/// A workspace of its own in a temporary folder, removed with the last reference.
final class Sandbox {
  let folder: String

  /// With copies of the example data sets and workflows when `examples`.
  init(examples: Bool = true) throws {
    folder = NSTemporaryDirectory() + "mlflowctl-e2e-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if examples {
      for name in ["datasets", "workflows"] {
        try FileManager.default.copyItem(atPath: Tool.root + "/" + name, toPath: folder + "/" + name)
      }
    } else {
      try FileManager.default.createDirectory(atPath: folder + "/workflows", withIntermediateDirectories: true)
    }
  }

  deinit {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "chmod -R u+w '\(folder)'; rm -rf '\(folder)'"]
    try? process.run()
    process.waitUntilExit()
  }

  @discardableResult
  func run(_ arguments: String..., environment: [String: String] = [:], input: String? = nil) throws -> Tool.Ending {
    try run(arguments, environment: environment, input: input)
  }

  func run(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws -> Tool.Ending {
    try Child(arguments, in: folder, environment: environment, input: input).wait()
  }

  func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Child {
    try Child(arguments, in: folder, environment: environment)
  }

  func write(_ text: String, to path: String) throws {
    let full = folder + "/" + path
    try FileManager.default.createDirectory(
      atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: full))
  }

  func write(bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(filePath: folder + "/" + path))
  }

  func read(_ path: String) throws -> String { try String(contentsOfFile: folder + "/" + path, encoding: .utf8) }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + path) }

  /// What a channel serves: the digest at the end of its link.
  func served(_ model: String, _ channel: String = "production") -> String? {
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/models/\(model)/\(channel)")
    return link.map { ($0 as NSString).lastPathComponent }
  }

  /// Every object file of the store.
  var objects: [String] {
    let base = folder + "/.mlflowctl/objects"
    return (FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? [])
      .map { base + "/" + $0 }.filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
      }.sorted()
  }
}

extension JSON {
  /// The step of a run document.
  func step(_ name: String) -> JSON? { self["steps"]?.arrayValue?.first { $0["name"]?.stringValue == name } }

  /// The status of every step, in order.
  var statuses: [String] { (self["steps"]?.arrayValue ?? []).compactMap { $0["status"]?.stringValue } }

  var modelDigest: String? { self["model"]?["digest"]?.stringValue }
}
