import Basics
import Diagnostics
package import Execution
import Glibc
import ObjectStore
package import Workflow

/// `command`: any command in any language, run in a folder that holds only its declared inputs.
package struct CommandKind: StepKind {
  package init() {}
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "command", summary: "Run any command on declared inputs and keep its declared outputs.",
      settings: [
        SettingGrammar(
          "command", "What to run: a text for `sh -c`, or a list of words.", .anyOf([.text, .list(.text)]),
          isRequired: true),
        SettingGrammar(
          "files", "Files of the workspace that it reads, laid at the same relative paths.", .list(.path), fallback: []),
        SettingGrammar(
          "inputs", "Artifacts that it reads: path in its folder → `step` or `step.output`.",
          .map(.artifact(ArtifactType.allCases))),
        SettingGrammar(
          "outputs", "Files or folders that it makes: name → path in its folder.", .map(.text), fallback: [:]),
        SettingGrammar("env", "Environment variables; part of the settings.", .map(.text), fallback: [:]),
        SettingGrammar(
          "secrets",
          "Environment variables whose values are secret, as `${secret:NAME}`; only the names count as settings.",
          .map(.secret), fallback: [:]),
      ],
      outputs: nil, check: { step, _ in checkCommand(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var files: [Action.Input] = []
    for (index, written) in (step.settings["files"]?.arrayValue ?? []).compactMap(\.stringValue).enumerated() {
      let path = context.workspace.absolute(written)
      guard let status = try Files.status(path) else {
        throw SettingProblem(
          ["files", "[\(index)]"],
          missingFileDiagnostic(
            written: written, resolved: path, place: step.place(ofPath: ["files", "[\(index)]"])))
      }
      guard status.kind == .file else {
        throw SettingProblem(
          ["files", "[\(index)]"],
          .error(
            "is-folder", "'\(written)' is a folder, expected a file", help: ["list the files that the command reads"]))
      }
      files.append(
        Action.Input(
          role: filePrefix + written, type: "source",
          digest: try context.store.digest(ofFile: path, cancellation: context.cancellation)))
    }
    var settings = step.settings
    settings["files"] = nil
    var action = Action(
      kind: "command", implementation: implementation, settings: settings, inputs: inputs + files)
    action.hints = ["name": .string(step.name)]
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let folder = context.staging + "/work"
    try Files.makeFolder(folder)
    try layInputs(action, in: folder, context)
    let secrets = try resolveSecrets(action.settings["secrets"])
    var environment = inheritedEnvironment()
    for (name, value) in action.settings["env"]?.objectValue ?? [:] { environment[name] = value.stringValue ?? "" }
    environment.merge(secrets) { $1 }
    let command = ChildCommand(
      words: words(action.settings["command"]), folder: folder, environment: environment, secrets: Array(secrets.values)
    )
    let ending = try command.run(cancellation: context.cancellation, line: context.log)
    if let cancelled = ending.cancelled { throw cancelled }
    guard ending.status == .exited(0) else { throw failure(of: command, ending) }
    var outcome = StepOutcome(outputs: try keepOutputs(action, in: folder, context))
    outcome.report = ["log": JSON(ending.log), "exit": 0]
    outcome.summary = "\(outcome.outputs.count) output\(outcome.outputs.count == 1 ? "" : "s")"
    return outcome
  }

  private func words(_ setting: JSON?) -> [String] {
    if let text = setting?.stringValue { return ["sh", "-c", text] }
    return (setting?.arrayValue ?? []).compactMap(\.stringValue)
  }

  /// Copies, so that the command can do what it likes with them and no object is touched.
  private func layInputs(_ action: Action, in folder: String, _ context: StepContext) throws {
    for input in action.inputs {
      let isFile = input.role.hasPrefix(filePrefix)
      let name =
        isFile ? String(input.role.dropFirst(filePrefix.count)) : String(input.role.dropFirst(inputPrefix.count))
      let target = folder + "/" + name
      if let parent = Files.parentFolder(of: target) { try Files.makeFolder(parent) }
      if isFile {
        let path = context.workspace.absolute(name)
        let bytes = try Files.read(path)
        guard Digest(of: bytes) == input.digest else {
          throw Problems(
            .error("source-moved", "'\(name)' changed while the run began", help: ["run the same command again"]),
            failure: .badInput)
        }
        let mode = try Files.status(path)?.mode ?? 0o644
        try durableWrite(target, mode: mode, bytes: bytes)
      } else if input.isTree {
        try context.store.materialise(
          context.store.tree(input.digest), into: target, cancellation: context.cancellation)
      } else {
        try durableWrite(target, bytes: try context.store.read(input.digest))
      }
    }
  }

  private func keepOutputs(_ action: Action, in folder: String, _ context: StepContext) throws -> [ActionResult.Output]
  {
    var outputs: [ActionResult.Output] = []
    for (name, path) in (action.settings["outputs"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = path.stringValue ?? ""
      let full = folder + "/" + path
      guard let status = try Files.status(full, followLinks: false), status.kind == .file || status.kind == .folder
      else {
        throw SettingProblem(
          ["outputs", name],
          .error(
            "missing-output", "the command did not make '\(path)'",
            help: ["check the path, which is relative to the folder the command runs in"]),
          failure: .stepFailed)
      }
      let isTree = status.kind == .folder
      if isTree {
        let tree = try context.store.putTree(folder: full, cancellation: context.cancellation)
        outputs.append(
          ActionResult.Output(name: name, type: "file", digest: tree.digest, size: tree.size, isTree: true))
      } else {
        let digest = try context.store.adopt(full, cancellation: context.cancellation)
        outputs.append(ActionResult.Output(name: name, type: "file", digest: digest, size: status.size))
      }
    }
    return outputs
  }
}

/// The complaint about a command that did not end well, with its last lines.
private func failure(of command: ChildCommand, _ ending: ChildCommand.Ending) -> SettingProblem {
  let name = command.words.first ?? ""
  var help = "it runs in a folder that holds only its declared 'files' and 'inputs', with only its declared 'env'"
  let message: String
  switch ending.status {
  case .exited(let code): message = "the command ended with exit code \(code)"
  case .signalled(let number): message = "the command was ended by signal \(number)"
  case .notFound:
    message = "there is no command '\(name)'"
    help = "install it, or declare it under 'files' and write './\(name)'"
  }
  return SettingProblem(
    ["command"],
    .error("command-failed", message, help: [help], notes: ending.log.suffix(20).map { Diagnostic.Note($0) }),
    failure: .stepFailed)
}

/// How roles of inputs begin: artifacts, then files of the workspace. Their paths in the folder follow.
private let inputPrefix = "inputs."
private let filePrefix = "files/"

/// What every command inherits; everything else has to be declared under `env`.
private func inheritedEnvironment() -> [String: String] {
  var result: [String: String] = [:]
  for name in ["PATH", "HOME", "USER", "TMPDIR", "LANG", "LC_ALL", "TZ"] {
    if let value = getenv(name) { result[name] = String(cString: value) }
  }
  return result
}

/// The values of the variables that hold secrets.
private func resolveSecrets(_ setting: JSON?) throws -> [String: String] {
  var result: [String: String] = [:]
  for (variable, reference) in setting?.objectValue ?? [:] {
    result[variable] = try expandSecrets(reference.stringValue ?? "") { name in
      try secretValue(name, at: ["secrets", variable])
    }
  }
  return result
}

/// There must be a command, its variables must have names, and paths must stay inside the folder.
private func checkCommand(_ step: StepSpec) -> [Diagnostic] {
  var problems: [Diagnostic] = []
  if step.settings["command"]?.arrayValue?.isEmpty == true {
    problems.append(
      .error(
        "no-command", "there is no command in the list", at: step.place(of: "command"),
        help: ["write the program and its arguments: [python3, prepare.py]"]))
  }
  return problems + checkPaths(step) + checkVariables(step)
}

private func checkPaths(_ step: StepSpec) -> [Diagnostic] {
  func outside(_ path: String, _ owner: String, _ folder: String, at place: Place) -> Diagnostic? {
    let isInside = !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
    return isInside
      ? nil
      : .error(
        "outside", "\(owner) '\(path)' lies outside of \(folder)", at: place,
        help: ["write a relative path without '..'"])
  }
  let ownFolder = "the folder that the command runs in"
  let inputs = step.inputs.keys.filter { $0.hasPrefix(inputPrefix) }.map { String($0.dropFirst(inputPrefix.count)) }
  let outputs = step.settings["outputs"]?.objectValue ?? [:]
  let files = (step.settings["files"]?.arrayValue ?? []).compactMap(\.stringValue)
  return inputs.compactMap { outside($0, "input", ownFolder, at: step.keyPlace(of: "inputs", $0)) }
    + outputs.compactMap { name, path in
      outside(path.stringValue ?? "", "output", ownFolder, at: step.place(of: "outputs", name))
    }
    + files.enumerated().compactMap { index, path in
      outside(path, "file", "the workspace", at: step.place(of: "files", "[\(index)]"))
    }
}

private func checkVariables(_ step: StepSpec) -> [Diagnostic] {
  func isVariable(_ name: String) -> Bool {
    let letters = name.utf8.allSatisfy { ($0 | 32) >= 97 && ($0 | 32) <= 122 || $0 == 95 || (48...57).contains($0) }
    return letters && name.utf8.first.map { !(48...57).contains($0) } ?? false
  }
  let secrets = step.settings["secrets"]?.objectValue ?? [:]
  let named = ["env", "secrets"].flatMap { setting in
    (step.settings[setting]?.objectValue ?? [:]).keys.filter { !isVariable($0) }.map { name in
      Diagnostic.error(
        "bad-name", "'\(name)' is no name for an environment variable", at: step.keyPlace(of: setting, name),
        help: ["use letters, digits and '_', beginning with a letter or '_'"])
    }
  }
  let twice = (step.settings["env"]?.objectValue ?? [:]).keys.filter { secrets[$0] != nil }.map { name in
    Diagnostic.error(
      "same-variable", "'\(name)' stands under both 'env' and 'secrets'", at: step.keyPlace(of: "secrets", name),
      help: ["keep one of them"])
  }
  return named + twice
}
