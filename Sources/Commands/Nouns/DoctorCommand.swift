import ArgumentParser
import Basics
import Diagnostics
import Execution
import LinearAlgebra
import ModelRegistry
import ObjectStore
import Steps
import Workflow

struct DoctorCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Tell what is wrong with this workspace or machine, and the command that mends it."
  )

  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace()
    let findings =
      try [kernels(), blas(), disk(workspace), permissions(workspace)] + store(workspace) + workflows(workspace)
    if shared.format == .json {
      console.answer([
        "version": .string(productVersion), "workspace": .string(workspace.root),
        "findings": .array(findings.map(\.json)),
      ])
    } else {
      let colour = console.hasColour.output
      for finding in findings {
        console.answer(
          "\(finding.isFine ? Style.green("✓", if: colour) : Style.red("✗", if: colour)) \(finding.subject): \(finding.text)"
        )
        if let remedy = finding.remedy { console.answer("  help: \(remedy)") }
      }
    }
    return findings.allSatisfy(\.isFine) ? nil : .answerIsNo
  }

  private struct Finding {
    var subject: String
    var isFine: Bool
    var text: String
    var remedy: String?

    var json: JSON {
      [
        "subject": .string(subject), "ok": .bool(isFine), "text": .string(text),
        "help": remedy.map { .string($0) } ?? .null,
      ]
    }
  }

  private func kernels() -> Finding {
    Finding(subject: "kernels", isFine: true, text: "rows are multiplied with \(RowKernels.instructions)", remedy: nil)
  }

  /// Small factorisations are all that is left to it, so an old kernel is worth a word but no alarm.
  private func blas() -> Finding {
    let library = BLASLibrary.current
    return Finding(
      subject: "BLAS", isFine: !library.isReference, text: library.identity,
      remedy: library.isReference
        ? "this is the slow reference library: apt-get install libopenblas0-pthread" : nil)
  }

  private func disk(_ workspace: Workspace) -> Finding {
    do {
      let free = Int(clamping: try Files.freeBytes(workspace.root))
      let isFine = free > 1_000_000_000
      return Finding(
        subject: "disk", isFine: isFine, text: "\(byteText(free)) free",
        remedy: isFine ? nil : "free some space, for example with 'mlflowctl store gc'")
    } catch {
      return Finding(subject: "disk", isFine: false, text: error.diagnostics[0].message, remedy: nil)
    }
  }

  private func permissions(_ workspace: Workspace) -> Finding {
    for folder in [workspace.root, workspace.storeFolder, workspace.modelsFolder]
    where Files.exists(folder) && !Files.isWritable(folder) {
      return Finding(
        subject: "permissions", isFine: false, text: "'\(folder)' is not writable", remedy: "chown -R $USER '\(folder)'"
      )
    }
    return Finding(subject: "permissions", isFine: true, text: "workspace '\(workspace.root)' is writable", remedy: nil)
  }

  private func store(_ workspace: Workspace) throws -> [Finding] {
    guard Files.exists(workspace.storeFolder) else {
      return [Finding(subject: "store", isFine: true, text: "none yet: the first run makes it", remedy: nil)]
    }
    do {
      let store = try Store.open(workspace, cancellation: .process)
      let problems = try store.indexProblems()
      var findings = [
        Finding(
          subject: "index", isFine: problems.isEmpty, text: problems.first ?? "sound",
          remedy: problems.isEmpty ? nil : "mlflowctl store reindex")
      ]
      let report = try store.verify(threads: processorCount(), cancellation: .process)
      findings.append(
        Finding(
          subject: "store", isFine: report.damaged.isEmpty,
          text: report.damaged.isEmpty
            ? "\(report.objects) objects, \(byteText(report.bytes)), all sound"
            : "\(report.damaged.count) objects are damaged",
          remedy: report.damaged.isEmpty
            ? nil
            : "mlflowctl store verify --discard ('store verify' names them; results are computed again when they are wanted)"
        ))
      let registry = Registry(store)
      for name in try registry.models() {
        let problems = try registry.problems(of: name, cancellation: .process)
        findings.append(
          Finding(
            subject: "model '\(name)'", isFine: problems.isEmpty,
            text: problems.first?.message ?? "files and history are sound",
            remedy: problems.first?.help.first))
      }
      return findings
    } catch let cancelled as Cancelled {
      throw cancelled
    } catch let error as any Diagnosable {
      return [
        Finding(
          subject: "store", isFine: false, text: error.diagnostics[0].message, remedy: error.diagnostics[0].help.first)
      ]
    } catch {
      return [Finding(subject: "store", isFine: false, text: "\(error)", remedy: nil)]
    }
  }

  private func workflows(_ workspace: Workspace) -> [Finding] {
    let folder = workspace.absolute("workflows")
    let names: [String]
    do { names = try Files.list(folder) } catch {
      return [Finding(subject: "workflows", isFine: false, text: error.diagnostics[0].message, remedy: nil)]
    }
    let parser = WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue)
    return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { name in
      let errors: [Diagnostic]
      do throws(FileError) {
        errors = try parser.parse(file: folder + "/" + name).diagnostics.filter { $0.severity == .error }
      } catch {
        errors = error.diagnostics
      }
      return Finding(
        subject: "workflows/\(name)", isFine: errors.isEmpty, text: errors.first?.message ?? "fine",
        remedy: errors.isEmpty ? nil : "mlflowctl check workflows/\(name)")
    }
  }
}
