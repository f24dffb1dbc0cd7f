import Foundation
import Glibc

/// What `docs/ARCHITECTURE.md` and `Package.swift` say of the modules, and the text of every source file.
struct Architecture {
  struct Module {
    var layer: Int
    /// Modules of the same layer that it may import.
    var peers: Set<String>
    /// Libraries, and modules of C, that only it may import.
    var libraries: Set<String>
  }

  struct SourceFile {
    var module: String
    /// From the root of the package.
    var path: String
    var text: String
  }

  /// Part of the toolchain and free to all. Foundation is not: it is slow to load, and its formats depend on locale.
  static let free: Set<String> = ["Glibc", "Swift", "Synchronization"]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The text of `docs/ARCHITECTURE.md`.
  let page: String
  let modules: [String: Module]
  /// By target of `Package.swift`, what it depends on within the package.
  let targets: [String: Set<String>]
  let sources: [SourceFile]

  init() throws {
    page = try Self.read("docs/ARCHITECTURE.md")
    modules = Self.table(of: page)
    targets = try Self.targets(of: Self.read("Package.swift"))
    sources = try Self.files(under: "Sources").filter { $0.hasSuffix(".swift") }.map { path in
      SourceFile(module: String(path.split(separator: "/")[1]), path: path, text: try Self.read(path))
    }
  }

  /// What is wrong with one file of `module` that holds `text`.
  func breaches(in module: String, _ text: String) -> [String] {
    guard let own = modules[module] else { return ["\(module) is not in the table"] }
    var breaches = Self.imports(in: text).filter { !mayImport(own, module, $0) }.map { "\(module) imports \($0)" }
    // The console, and what stands beside it.
    if own.layer < 4, Self.prints(text) { breaches.append("\(module) prints") }
    return breaches
  }

  private func mayImport(_ own: Module, _ module: String, _ name: String) -> Bool {
    if name == module || Self.free.contains(name) || own.libraries.contains(name) { return true }
    guard let other = modules[name], !modules.values.contains(where: { $0.libraries.contains(name) }) else {
      return false
    }
    return other.layer < own.layer || other.layer == own.layer && own.peers.contains(name)
  }

  /// Whether `module` may depend on the target `name` at all.
  func mayDepend(_ module: String, on name: String) -> Bool {
    modules[module].map { mayImport($0, module, name) } ?? false
  }

  // MARK: Reading

  /// The rows `| layer | module | … | peers | libraries |` of the page.
  private static func table(of page: String) -> [String: Module] {
    var modules: [String: Module] = [:]
    for line in page.split(separator: "\n") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count == 7, let layer = Int(cells[1]), let name = words(in: cells[2]).first else { continue }
      modules[name] = Module(layer: layer, peers: Set(words(in: cells[4])), libraries: Set(words(in: cells[5])))
    }
    return modules
  }

  /// The words between backticks.
  static func words(in text: some StringProtocol) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  /// Targets that are not tests: `target("Name", ["Module", …]`, `.target(name: "Name"` and their like.
  private static func targets(of manifest: String) -> [String: Set<String>] {
    var targets: [String: Set<String>] = [:]
    for match in manifest.matches(of: /\b(?:target|benchmark)\(\s*"(\w+)",\s*\[([^\]]*)\]/) {
      targets[String(match.1)] = Set(match.2.matches(of: /"(\w+)"/).map { String($0.1) })
    }
    let plain = /\.(?:target|systemLibrary|executableTarget)\(name: "(\w+)"(?:, dependencies: \["(\w+)"\])?/
    for match in manifest.matches(of: plain) {
      targets[String(match.1)] = Set(match.2.map { [String($0)] } ?? [])
    }
    return targets
  }

  /// The modules that a source imports.
  private static func imports(in text: String) -> [String] {
    let pattern =
      /(?:@\w+(?:\(\w+\))? +)*(?:\w+ +)?import +(?:(?:struct|class|enum|protocol|func|var|let|typealias) +)?(\w+)/
    return text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { bytes in
      let code = bytes.drop { $0 == UInt8(ascii: " ") }
      // An import begins with a word or an attribute; most other lines are out here, which saves seconds.
      guard let first = code.first, first >= UInt8(ascii: "@") else { return nil }
      return Substring(code).prefixMatch(of: pattern).map { String($0.1) }
    }
  }

  private static let output =
    ["print", "debugPrint", "dump", "puts", "fputs", "printf", "perror"].map { $0 + "(" }
    + ["STDOUT_FILENO", "STDERR_FILENO", "stdout", "stderr"]

  /// Whether a source writes to stdout or stderr; comments do not count.
  private static func prints(_ text: String) -> Bool {
    // Few files hold such a word at all, and a regular expression on every line of the others takes seconds.
    guard output.contains(where: { strstr(text, $0) != nil }) else { return false }
    return text.split(separator: "\n").contains { line in
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
      return code.contains(
        /(^|[^\w.])(print|debugPrint|dump|puts|fputs|printf|perror)\(|\b(STDOUT_FILENO|STDERR_FILENO|stdout|stderr)\b/)
    }
  }

  private static func read(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Paths from the root of the package of the files under `folder`, sorted.
  static func files(under folder: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (all?.compactMap { $0 as? String } ?? []).map { folder + "/" + $0 }.sorted()
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }
}
