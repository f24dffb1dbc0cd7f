import Basics
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One run of a child process in a process group of its own, its output captured line by line as one stream.
///
/// Secrets are handed over in the environment, never on the command line, and are blotted out of everything captured.
struct ChildCommand: Sendable {
  /// `["sh", "-c", text]` or the words of the command.
  var words: [String]
  var folder: String
  var environment: [String: String]
  /// Values that must not appear in what is kept.
  var secrets: [String]

  struct Ending: Sendable {
    enum Status: Sendable, Hashable { case exited(Int32), signalled(Int32), notFound }

    var status: Status
    /// The last lines, oldest first: at most 1000 of 4 KiB each.
    var log: [String]
    /// Set when the command was stopped from here.
    var cancelled: Cancelled?
  }

  /// Runs to the end on the calling thread. When `cancellation` says stop, the whole group gets SIGTERM and five seconds
  /// later SIGKILL.
  func run(cancellation: Cancellation, line: @escaping @Sendable (String) -> Void) throws -> Ending {
    let done = Mailbox<Result<Ending, any Error>>()
    Task.detached {
      do { done.post(.success(try await runAsync(cancellation: cancellation, line: line))) } catch {
        done.post(.failure(error))
      }
    }
    return try done.take().get()
  }

  private func runAsync(cancellation: Cancellation, line: @escaping @Sendable (String) -> Void) async throws -> Ending {
    var options = PlatformOptions()
    options.processGroupID = 0
    let log = Mutex<[String]>([])
    do {
      let result = try await Subprocess.run(
        .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
        environment: .custom(
          Dictionary(environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }, uniquingKeysWith: { $1 })),
        workingDirectory: FilePath(folder), platformOptions: options, input: .none, output: .sequence,
        error: .combinedWithOutput
      ) { execution in
        let watcher = Task { try await stopWhenAsked(execution, cancellation) }
        defer { watcher.cancel() }
        for try await text in execution.standardOutput.strings() {
          let clean = blotted(text)
          log.withLock { Self.append(clean, to: &$0) }
          line(clean)
        }
      }
      let status: Ending.Status =
        switch result.terminationStatus {
        case .exited(let code): .exited(code)
        case .signaled(let number): .signalled(number)
        }
      return Ending(status: status, log: log.withLock { $0 }, cancelled: cancellation.reason)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      return Ending(status: .notFound, log: [], cancelled: nil)
    }
  }

  private func stopWhenAsked<I, O, E>(_ execution: Execution<I, O, E>, _ cancellation: Cancellation) async throws {
    while cancellation.reason == nil { try await Task.sleep(for: .milliseconds(20)) }
    // The group may be gone by now, which is what was wanted.
    try? execution.send(signal: .terminate, toProcessGroup: true)
    try await Task.sleep(for: .seconds(5))
    try? execution.send(signal: .kill, toProcessGroup: true)
  }

  private func blotted(_ text: String) -> String {
    var text = text
    while text.hasSuffix("\n") || text.hasSuffix("\r") { text.removeLast() }
    for secret in secrets where !secret.isEmpty {
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
    }
    return text
  }

  private static func append(_ line: String, to log: inout [String]) {
    log.append(line.utf8.count > 4096 ? line.prefix(4096) + "…" : line)
    while log.count > 1000 { log.removeFirst() }
  }
}
