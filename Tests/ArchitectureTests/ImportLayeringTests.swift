import Testing

/// Holds the imports of every source file, and the targets of `Package.swift`, against the table in `docs/ARCHITECTURE.md`.
@Suite struct ImportLayeringTests {
  private let architecture: Architecture

  init() throws { architecture = try Architecture() }

  @Test func everyImportPointsDown() {
    #expect(!architecture.sources.isEmpty)
    for file in architecture.sources {
      let breaches = architecture.breaches(in: file.module, file.text)
      #expect(breaches.isEmpty, "\(file.path): \(breaches.joined(separator: ", "))")
    }
  }

  @Test func theTableNamesTheTargetsOfThePackage() {
    #expect(architecture.targets.keys.sorted() == architecture.modules.keys.sorted())
    for (name, dependencies) in architecture.targets {
      for dependency in dependencies where !architecture.mayDepend(name, on: dependency) {
        Issue.record("Package.swift lets \(name) depend on \(dependency), the table does not")
      }
    }
  }

  @Test func aLibraryBelongsToOneModule() {
    let libraries = architecture.modules.values.flatMap(\.libraries)
    #expect(Set(libraries).count == libraries.count)
  }

  @Test(arguments: [
    ("Tabular", "import Basics\nimport Learning\n", "Tabular imports Learning"),
    ("Learning", "internal import Statistics\npackage import Inference\n", "Learning imports Inference"),
    ("Learning", "@preconcurrency import Execution\n", "Learning imports Execution"),
    ("Learning", "#if os(Linux)\n  import Inference\n#endif\n", "Learning imports Inference"),
    ("Basics", "import struct Tabular.Table\n", "Basics imports Tabular"),
    ("Execution", "import CBLAS\n", "Execution imports CBLAS"),
    ("Steps", "import ArgumentParser\n", "Steps imports ArgumentParser"),
    ("Workflow", "import Foundation\n", "Workflow imports Foundation"),
    ("Evaluation", "  print(1)\n", "Evaluation prints"),
    ("Steps", "write(STDERR_FILENO, bytes, 3)\n", "Steps prints"),
    ("Nowhere", "", "Nowhere is not in the table"),
  ])
  func aBreachIsFound(_ module: String, _ text: String, _ breach: String) {
    #expect(architecture.breaches(in: module, text) == [breach])
  }

  @Test(arguments: [
    ("Steps", "import Execution\npackage import Tabular\nimport Glibc\n"), ("LinearAlgebra", "import CBLAS\n"),
    ("Basics", "import Crypto\nimport Diagnostics\n"), ("Commands", "import ArgumentParser\nprint(1)\n"),
    ("Learning", "// import Commands\n/// print(1) is for Commands\nview.print(1)\nblueprint(1)\n"),
  ])
  func whatIsAllowedIsNoBreach(_ module: String, _ text: String) {
    #expect(architecture.breaches(in: module, text).isEmpty)
  }
}
