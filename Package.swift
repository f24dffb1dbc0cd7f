// swift-tools-version: 6.2
import PackageDescription

/// The house settings, the same on every Swift target.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Modules of this package by name, libraries of other packages by product and package.
func target(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Target {
  .target(
    name: name,
    dependencies: modules.map { .target(name: $0) } + products,
    swiftSettings: house)
}

/// One test target a source target, mirroring its folders.
func tests(
  _ name: String, _ modules: [String], _ products: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: modules.map { .target(name: $0) } + products,
    resources: resources,
    swiftSettings: house)
}

func benchmark(_ name: String, _ modules: [String]) -> Target {
  .executableTarget(name: name, dependencies: modules.map { .target(name: $0) }, swiftSettings: house)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "mlflowctl",
  products: [.executable(name: "mlflowctl", targets: ["mlflowctl"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // Layer 0
    .systemLibrary(name: "CBLAS"),
    .target(name: "CLAPACK", linkerSettings: [.linkedLibrary("lapack")]),
    .target(name: "CKernels"),
    .systemLibrary(name: "CLZ4"),
    .target(name: "CParsing"),
    .target(name: "CPlatform"),
    .target(name: "CSketches"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CZstd"),
    target("Diagnostics", []),
    target("Basics", ["Diagnostics", "CPlatform"], [crypto]),

    // Layer 1
    target("Workflow", ["Basics", "Diagnostics"], [yams]),
    target("ObjectStore", ["Basics", "Diagnostics"], [grdb]),
    target("Tabular", ["Basics", "Diagnostics", "CLZ4", "CParsing", "CSQLite", "CZlib", "CZstd"]),
    target("LinearAlgebra", ["Basics", "Diagnostics", "CBLAS", "CKernels", "CLAPACK", "CPlatform"]),
    target("Statistics", ["Basics", "CKernels", "CSketches"]),

    // Layer 2
    target("Execution", ["Basics", "Diagnostics", "Workflow", "ObjectStore"]),
    target("DataValidation", ["Basics", "Diagnostics", "Tabular", "Statistics"]),
    target("Inference", ["Basics", "CKernels", "Diagnostics", "Tabular", "Statistics"]),
    target("Learning", ["Basics", "Diagnostics", "LinearAlgebra", "Statistics"]),
    target("Evaluation", ["Basics", "Diagnostics", "Statistics"]),
    target("ModelRegistry", ["Basics", "Diagnostics", "ObjectStore"]),

    // Layer 3
    target(
      "Steps",
      [
        "Basics", "Diagnostics", "Workflow", "ObjectStore", "Tabular", "LinearAlgebra", "Statistics", "Execution",
        "DataValidation", "Inference", "Learning", "Evaluation", "ModelRegistry",
      ], [subprocess]),

    // Layer 4
    target(
      "Commands",
      [
        "Basics", "Diagnostics", "Workflow", "ObjectStore", "Tabular", "LinearAlgebra", "Statistics", "Execution",
        "DataValidation", "Inference", "Learning", "Evaluation", "ModelRegistry", "Steps",
      ], [argumentParser]),

    // What benchmarks time from the inside; no part of the product.
    benchmark("LearningBench", ["Basics", "Learning", "LinearAlgebra"]),
    benchmark("ProfileBench", ["Basics", "DataValidation", "Tabular"]),
    benchmark("IngestBench", ["Basics", "Tabular"]),
    benchmark("SparseBench", ["Basics", "Learning", "LinearAlgebra", "Tabular"]),

    // Layer 5
    .executableTarget(name: "mlflowctl", dependencies: ["Commands"], swiftSettings: house),

    // Counts allocations, for tests that hold solvers to make none.
    .target(name: "CAllocations", path: "Tests/CAllocations"),

    tests("Basics", ["Basics", "Diagnostics"]),
    tests("Workflow", ["Workflow", "Basics", "Diagnostics"]),
    tests("ObjectStore", ["ObjectStore", "Basics", "Diagnostics"]),
    tests("Tabular", ["Tabular", "CParsing", "CSQLite", "Basics", "Diagnostics"], resources: [.copy("Fixtures")]),
    tests("LinearAlgebra", ["LinearAlgebra", "CKernels", "Statistics", "Basics"]),
    tests("Statistics", ["Statistics", "Basics"], resources: [.copy("Fixtures")]),
    tests("Execution", ["Execution", "Workflow", "ObjectStore", "Basics", "Diagnostics"]),
    tests(
      "DataValidation", ["DataValidation", "Tabular", "Statistics", "Basics", "Diagnostics"],
      resources: [.copy("Fixtures")]),
    tests(
      "Inference", ["Inference", "Tabular", "Statistics", "Basics", "Diagnostics"], resources: [.copy("Fixtures")]),
    tests(
      "Learning", ["Learning", "LinearAlgebra", "Statistics", "Basics", "Diagnostics", "CAllocations"],
      resources: [.copy("Fixtures")]),
    tests("Evaluation", ["Evaluation", "Statistics", "Basics", "Diagnostics"], resources: [.copy("Fixtures")]),
    tests("ModelRegistry", ["ModelRegistry", "ObjectStore", "Basics", "Diagnostics"]),
    tests(
      "Steps",
      [
        "Steps", "Execution", "Workflow", "ObjectStore", "Tabular", "Statistics", "DataValidation", "Inference",
        "Learning", "Basics", "Diagnostics",
      ], resources: [.copy("Fixtures")]),
    tests("Architecture", []),
    tests("EndToEnd", ["Basics", "Diagnostics"], resources: [.copy("Fixtures")]),
  ]
)
