package import Basics
import Diagnostics

/// What a step does to given inputs, as a value: everything its result depends on, and nothing else.
///
/// Two steps with equal actions have equal results, whatever their names and wherever their files lie, so the second takes
/// the result of the first.
package struct Action: Sendable, Hashable {
  /// One input by the role it plays, such as `data` or `source`. Roles differ within an action.
  package struct Input: Sendable, Hashable {
    package var role: String
    /// What it is: an artifact type, or `source` for a file of the user.
    package var type: String
    package var digest: Digest
    /// Whether the digest is that of a tree artifact rather than of a file.
    package var isTree: Bool

    package init(role: String, type: String, digest: Digest, isTree: Bool = false) {
      self.role = role
      self.type = type
      self.digest = digest
      self.isTree = isTree
    }

    fileprivate var json: JSON {
      var value: JSON = ["type": .string(type), "digest": JSON(digest)]
      if isTree { value["tree"] = true }
      return value
    }
  }

  package var kind: String
  /// The version of the kind's code: raised whenever the same inputs may give another result.
  package var implementation: Int
  /// Settings after defaults, without names and paths.
  package var settings: JSON
  package var inputs: [Input]
  /// Where randomness is used, the seed of the workflow.
  package var seed: Int?
  /// Environment variables that the result depends on.
  package var environment: [String: String] = [:]
  /// For steps that call BLAS: vendor, version and kernel in use.
  package var libraries: [String: String] = [:]
  /// What the runner needs but the result does not depend on: paths and names. Not part of the key.
  package var hints: JSON = [:]

  package init(kind: String, implementation: Int, settings: JSON, inputs: [Input]) {
    self.kind = kind
    self.implementation = implementation
    self.settings = settings
    self.inputs = inputs
  }

  /// The part that the key covers.
  package var json: JSON {
    var value: JSON = [
      "kind": .string(kind), "implementation": JSON(implementation), "settings": settings,
      "inputs": .object(
        Dictionary(
          inputs.map { ($0.role, $0.json) }, uniquingKeysWith: { first, _ in first })),
    ]
    if let seed { value["seed"] = JSON(seed) }
    if !environment.isEmpty { value["environment"] = .object(environment.mapValues(JSON.string)) }
    if !libraries.isEmpty { value["libraries"] = .object(libraries.mapValues(JSON.string)) }
    return value
  }

  /// SHA-256 of the canonical JSON.
  package var key: Digest { Digest(of: json.canonicalBytes) }

  /// The digest of an input; nil where the step has none of this role.
  package func input(_ role: String) -> Digest? { inputs.first { $0.role == role }?.digest }

  /// An input that every step of the kind has. Its absence is a bug of the wiring, and thrown as an internal error.
  package func requiredInput(_ role: String) throws -> Input {
    guard let input = inputs.first(where: { $0.role == role }) else {
      throw Problems(
        .error("no-input", "an action of kind '\(kind)' has no input '\(role)'"), failure: .internalError)
    }
    return input
  }
}
