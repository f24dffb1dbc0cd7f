import Basics
import Diagnostics
import Glibc
import Synchronization

/// The only printer of the tool: answers to stdout, everything else to stderr.
final class Console: Sendable {
  let asksForJSON: Bool
  /// Whether stderr is a terminal that may be repainted.
  let isLive: Bool
  /// Whether stdout is a terminal.
  let isTerminal: Bool
  /// Whether text on stdout and stderr may be coloured.
  let hasColour: (output: Bool, diagnostics: Bool)
  private let lock = Mutex<Void>(())

  init(asksForJSON: Bool) {
    self.asksForJSON = asksForJSON
    let mayColour = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    isLive = isatty(STDERR_FILENO) == 1 && !isDumb
    isTerminal = isatty(STDOUT_FILENO) == 1
    hasColour = (mayColour && isTerminal && !isDumb, mayColour && isLive)
  }

  /// Writes an answer and a newline to stdout.
  func answer(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Writes the one JSON document of the command to stdout.
  func answer(_ json: JSON) { write(json.pretty, to: STDOUT_FILENO) }

  /// Writes a line about what goes on to stderr.
  func say(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes to stderr without a newline: for repainting.
  func paint(_ text: String) { write(text, to: STDERR_FILENO) }

  func say(_ diagnostics: [Diagnostic]) {
    if !diagnostics.isEmpty { say(Diagnostic.rendered(diagnostics, colour: hasColour.diagnostics)) }
  }

  /// The end of a command that failed: diagnostics on stderr, and with `--format json` the failure as the one document.
  func report(_ diagnostics: [Diagnostic], failure: Failure) {
    say(diagnostics)
    if asksForJSON {
      answer([
        "failure": .string("\(failure)"), "exit": JSON(Int(failure.rawValue)),
        "diagnostics": .array(diagnostics.map(\.json)),
      ])
    }
  }

  private func write(_ text: String, to descriptor: Int32) {
    lock.withLock { _ in
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
          if errno == EINTR { continue }
          // Nobody reads any more (a closed pipe): there is no one left to tell.
          return
        }
        bytes = bytes.dropFirst(count)
      }
    }
  }
}

/// The columns of the terminal behind stderr; 100 where it does not say.
func terminalWidth() -> Int {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
  return Int(size.ws_col)
}
