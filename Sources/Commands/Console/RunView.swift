import Basics
import Diagnostics
import Execution
import Glibc
import Synchronization
import Workflow

/// Shows a run as it goes on: on a terminal a line for each finished step and below it the running ones with bar and time,
/// repainted; elsewhere plain lines.
final class RunView: Sendable {
  private struct Running {
    var watch = Stopwatch()
    var fraction: Double?
    var isWaiting = false
  }

  private struct State {
    var running: [(step: String, progress: Running)] = []
    var paintedLines = 0
    var isClosed = false
  }

  private let console: Console
  private let nameWidth: Int
  private let state = Mutex(State())

  init(console: Console, document: WorkflowDocument) {
    self.console = console
    nameWidth = document.steps.map(\.name.count).max() ?? 0
    if console.isLive { _ = OwnThread { [self] in keepPainting() } }
  }

  /// Repaints ten times a second, so that times go on while a step has nothing to say.
  private func keepPainting() {
    while !state.withLock({ $0.isClosed }) {
      usleep(100_000)
      state.withLock { if !$0.isClosed { repaint(&$0) } }
    }
  }

  /// Takes one event, from any thread.
  @Sendable func show(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .runStarted, .runFinished: break
      case .stepStarted(let step, _):
        state.running.append((step, Running()))
        repaint(&state)
      case .stepWaiting(let step):
        update(&state, step) { $0.isWaiting = true }
        if !console.isLive { console.say("\(step): waiting for another process that does the same") }
      case .stepProgress(let step, let fraction):
        update(&state, step) {
          $0.fraction = fraction; $0.isWaiting = false
        }
      case .stepLog(let step, let line): print("\(pad(step))  | \(line)", &state)
      case .stepRetry(let step, let attempt, let reason):
        print("\(pad(step))  ! \(reason.first?.message ?? "failed"); attempt \(attempt)", &state)
      case .stepFinished(let report):
        state.running.removeAll { $0.step == report.name }
        print(line(for: report), &state)
        let shown = report.problems + report.warnings
        if !shown.isEmpty {
          erase(&state)
          console.say(shown)
        }
      }
    }
  }

  /// Takes the repainted lines away.
  func close() {
    state.withLock { state in
      erase(&state)
      state.isClosed = true
    }
  }

  private func update(_ state: inout State, _ step: String, _ change: (inout Running) -> Void) {
    guard let index = state.running.firstIndex(where: { $0.step == step }) else { return }
    change(&state.running[index].progress)
  }

  private func print(_ text: String, _ state: inout State) {
    erase(&state)
    console.say(text)
    repaint(&state)
  }

  private func erase(_ state: inout State) {
    guard state.paintedLines > 0 else { return }
    console.paint("\u{1B}[\(state.paintedLines)A\u{1B}[J")
    state.paintedLines = 0
  }

  private func repaint(_ state: inout State) {
    guard console.isLive else { return }
    erase(&state)
    for (step, progress) in state.running { console.say(runningLine(step, progress)) }
    state.paintedLines = state.running.count
  }

  private func runningLine(_ step: String, _ progress: Running) -> String {
    let seconds = progress.watch.seconds
    var text = "· \(pad(step))  "
    if progress.isWaiting {
      text += "waits for another process that does the same"
    } else if let fraction = progress.fraction {
      let filled = Int((min(max(fraction, 0), 1) * 20).rounded())
      text += String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
      text += " \(Int(fraction * 100)) %"
      if fraction > 0.05, seconds > 1 { text += ", \(duration(seconds * (1 - fraction) / fraction)) left" }
    } else {
      text += "runs"
    }
    return String(text.prefix(terminalWidth() - 12)) + "  "
      + Style.dim(duration(seconds), if: console.hasColour.diagnostics)
  }

  private func line(for report: StepReport) -> String {
    let colour = console.hasColour.diagnostics
    let mark =
      switch report.status {
      case .done:
        report.verdict == .refuse
          ? Style.red("✗", if: colour)
          : report.verdict == .inconclusive ? Style.yellow("?", if: colour) : Style.green("✓", if: colour)
      case .cached: report.verdict == .refuse ? Style.red("✗", if: colour) : Style.dim("=", if: colour)
      case .failed: Style.red("✗", if: colour)
      case .skipped: Style.dim("-", if: colour)
      }
    let time = report.status == .done ? "  " + Style.dim(duration(report.seconds), if: colour) : ""
    let status = report.status == .cached ? "cached" : report.status == .done ? "" : report.status.rawValue
    let text = [status, report.summary].filter { !$0.isEmpty }.joined(separator: ": ")
    return "\(mark) \(pad(report.name))  \(text)\(time)"
  }

  private func pad(_ name: String) -> String { name + String(repeating: " ", count: max(0, nameWidth - name.count)) }
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
func duration(_ seconds: Double) -> String {
  if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
  if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
  return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
}
