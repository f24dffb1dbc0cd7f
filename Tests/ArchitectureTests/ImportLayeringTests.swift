import Foundation
import Testing

/// Holds the imports of every source file against the table in `docs/ARCHITECTURE.md`.
@Suite struct ImportLayeringTests {
  private struct Module {
    var layer: Int
    var peers: Set<String>
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The rows `| layer | `module` | … | peers |` of the page.
  private func table() throws -> [String: Module] {
    let text = try String(contentsOf: Self.root.appending(path: "docs/ARCHITECTURE.md"), encoding: .utf8)
    var modules: [String: Module] = [:]
    for line in text.split(separator: "\n") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 6, let layer = Int(cells[1]) else { continue }
      modules[names(in: cells[2]).first ?? ""] = Module(layer: layer, peers: Set(names(in: cells[4])))
    }
    return modules
  }

  /// The words between backticks.
  private func names(in text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  private func imports(in source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let index = words.firstIndex(of: "import"), index + 1 < words.count, !line.hasPrefix(" "), !line.hasPrefix("/")
      else { return nil }
      return words[index + 1]
    }
  }

  /// What is wrong with one file of `module` that holds `source`.
  private func breaches(_ module: String, _ source: String, _ modules: [String: Module]) -> [String] {
    guard let own = modules[module] else { return ["\(module) is not in the table"] }
    var breaches: [String] = []
    for name in imports(in: source) {
      if name == "ArgumentParser", module != "Commands" { breaches.append("\(module) imports ArgumentParser") }
      if name == "CBLAS" || name == "CLAPACK", module != "LinearAlgebra" { breaches.append("\(module) imports \(name)") }
      guard let other = modules[name], name != module else { continue }
      if other.layer > own.layer || (other.layer == own.layer && !own.peers.contains(name)) {
        breaches.append("\(module) imports \(name)")
      }
    }
    if module != "Commands", source.contains("print(") { breaches.append("\(module) prints") }
    return breaches
  }

  @Test func everyImportPointsDown() throws {
    let modules = try table()
    #expect(modules.count >= 18)
    let sources = Self.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    var seen: Set<String> = []
    for file in files where file.pathExtension == "swift" {
      let module = file.pathComponents[sources.pathComponents.count]
      seen.insert(module)
      let found = breaches(module, try String(contentsOf: file, encoding: .utf8), modules)
      #expect(found.isEmpty, "\(file.lastPathComponent): \(found.joined(separator: ", "))")
    }
    #expect(seen.isSubset(of: modules.keys))
  }

  @Test func anUpwardImportIsFound() throws {
    let modules = try table()
    #expect(breaches("Tabular", "import Basics\nimport Learning\n", modules) == ["Tabular imports Learning"])
    #expect(breaches("Learning", "internal import Statistics\npackage import Inference\n", modules) == ["Learning imports Inference"])
    #expect(breaches("Execution", "import CBLAS\n", modules) == ["Execution imports CBLAS"])
    #expect(breaches("Evaluation", "  print(1)\n", modules) == ["Evaluation prints"])
  }

  @Test func everyPathOfThePageExists() throws {
    let text = try String(contentsOf: Self.root.appending(path: "docs/ARCHITECTURE.md"), encoding: .utf8)
    for name in names(in: text) where name.hasSuffix(".swift") {
      let candidates = [name, "Sources/" + name, "Sources/Commands/" + name, "Sources/mlflowctl/" + name, "Sources/Tabular/CSV/" + name]
      let exists = candidates.contains { FileManager.default.fileExists(atPath: Self.root.appending(path: $0).path) }
      #expect(exists, "'\(name)' is not there")
    }
  }
}
