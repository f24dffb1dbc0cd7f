import Basics
import ObjectStore
import Testing
import Workflow

@testable import Execution
@testable import Steps

/// Action keys of every kind for one fixed workflow, and what kinds without floating-point kernels make of it.
///
/// The digests are golden: what stands in stores all over the world is found by them. Where one changes, either the settings
/// or their defaults changed, which is fine when it is meant, or the code did, and then `implementation` of the kind is to be
/// raised, or stale results are taken for new ones.
@Suite struct GoldenActionTests {
  private static let yaml = """
    workflow: golden
    seed: 5
    steps:
      data: { ingest: { source: data.csv, target: kind, missing: [NA] } }
      quality: { validate: { rows: { min: 100 }, columns: { x2: { type: number, min: 0 } } } }
      parts: { split: { test: 25%, stratify: kind } }
      model: { train: { objective: multinomial, features: { drop: [y] }, penalty: { l2: 0.5 } } }
      scores: { evaluate: { slices: [colour] } }
      bar: { gate: { require: [accuracy >= 0.5] } }
      release: { deploy: { model: golden } }
      notes: { command: { command: "wc -l data.csv > lines", files: [data.csv], outputs: { lines: lines } } }
    """

  private static let keys = [
    "data": "509dc4b799520e6a3de4e90bb5245efaf79b341be3c4e671501354d15b3118cd",
    "quality": "d1ddd1914da17c673d4dc12eb4717c79c56fe0c66addddafee6e2c784380af67",
    "parts": "0f55e38c1ed6189994641b9c32c757d2ff7e6591e2065de4046b80f090270b98",
    "model": "a4ce6e1cac348cd46e638ed5fe53a5a70efbe7c062606018b1719018a545b950",
    "scores": "e461353e3a9b65b6f7ebd04fba99519772604273bff11b63208695da831dc247",
    "bar": "a9247a15083c515acd743087d363ec9dde30dfa83d81ba91eb54da673f37bcd1",
    "release": "13ea0d7672ea4b721276f080b305f95b9912eaae1f9ca91eacc8c21f498a79d5",
    "notes": "6ec4ad0ac273548b5279c09be995cc17ce9f9958fcbe3f2dacb37c019d2323ca",
  ]

  /// Inputs are stand-ins, so that a change in one kind does not change the keys of those after it.
  private func action(of step: StepSpec, in bench: StepBench, _ document: WorkflowDocument) throws -> Action {
    let evaluation: JSON = ["model": JSON(Digest(of: "model"))]
    let scores = try bench.store.put(evaluation.canonicalBytes)
    let inputs = step.inputs.sorted { $0.key < $1.key }.flatMap { role, references in
      references.map {
        let digest = $0.type == .scores ? scores : Digest(of: $0.type.rawValue)
        return Action.Input(role: role, type: $0.type.rawValue, digest: digest, isTree: $0.type == .model)
      }
    }
    let kind = try #require(stepKinds.first { $0.grammar.name == step.kind })
    let context = PlanContext(
      workspace: bench.workspace, store: bench.store, document: document, cancellation: Cancellation())
    return try kind.action(for: step, inputs: inputs, in: context)
  }

  @Test func actionKeysStayAsTheyAre() throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let document = try bench.document(Self.yaml)
    #expect(Set(document.steps.map(\.kind)) == Set(stepKinds.map(\.grammar.name)), "a kind has no golden key")
    for step in document.steps {
      var action = try action(of: step, in: bench, document)
      // The library differs from machine to machine.
      action.libraries = action.libraries.mapValues { _ in "any" }
      #expect(
        action.key.hex == Self.keys[step.name],
        """
        the action of '\(step.kind)' is another one: if its code changed too, raise 'implementation'; then write the new \
        digest here
        """)
    }
  }

  @Test func onlyKindsThatUseChanceOrBLASDependOnThem() throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let document = try bench.document(Self.yaml)
    let actions = try document.steps.map { try action(of: $0, in: bench, document) }
    #expect(actions.filter { $0.seed != nil }.map(\.kind) == ["split", "gate"])
    #expect(actions.filter { !$0.libraries.isEmpty }.map(\.kind) == ["train"])
    #expect(actions.filter { !$0.environment.isEmpty }.isEmpty)
    let tuned = try bench.document(Self.yaml.replacing("l2: 0.5", with: "l2: tune"))
    let train = try #require(tuned.step(named: "model"))
    #expect(try action(of: train, in: bench, tuned).seed == 5)
  }

  /// Names and paths are for people: the same bytes elsewhere are the same action.
  @Test func keysDoNotDependOnNamesAndPaths() throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    try bench.write("copy.csv", mixedCSV)
    let document = try bench.document(Self.yaml)
    let renamed = try bench.document(
      Self.yaml.replacing("source: data.csv, target: kind", with: "source: copy.csv, target: ok").replacing(
        "  data:", with: "  raw:"))
    let before = try action(of: #require(document.step(named: "data")), in: bench, document)
    let after = try action(of: #require(renamed.step(named: "raw")), in: bench, renamed)
    #expect(before.key == after.key)
    #expect(before.hints != after.hints)
  }

  @Test(arguments: [
    ("data", "023f838561dc871447d1e4073d8ecd631a1fbb5b7b727d4c351ffb7eafffad2f"),
    ("parts", "e5b0260165b5343996e9c12bc1efce3999842c89619595e4904f507b6f59e61b"),
    ("notes", "1214e2f2e55be0ed17fc0e1608ef78f9d47d89d1add69d562ac025f9373468fd"),
  ])
  func resultsOfFixedActionsStayAsTheyAre(_ name: String, _ digest: String) async throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let report = try await bench.run(Self.yaml, until: name)
    #expect(
      report.step(name)?.outputs.first?.digest.hex == digest,
      "'\(name)' makes something else of the same action: raise 'implementation' of its kind and write the new digest here"
    )
  }
}
