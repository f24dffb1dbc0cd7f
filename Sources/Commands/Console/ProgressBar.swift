import Basics
import Synchronization

/// One line with bar, share and time left on a terminal; nothing elsewhere.
final class ProgressBar: Sendable {
  private let console: Console
  private let title: String
  private let clock = Stopwatch()
  private let lastPaint = Mutex(-1.0)

  init(console: Console, title: String) {
    self.console = console
    self.title = title
  }

  /// `fraction` from 0 to 1; from any thread.
  @Sendable func show(_ fraction: Double) {
    guard console.isLive else { return }
    let seconds = clock.seconds
    let isDue = lastPaint.withLock { last in
      guard seconds - last > 0.1 else { return false }
      last = seconds
      return true
    }
    guard isDue, seconds > 0.3 else { return }
    let filled = Int((min(max(fraction, 0), 1) * 30).rounded())
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    let left = fraction > 0.05 ? ", \(duration(seconds * (1 - fraction) / fraction)) left" : ""
    console.paint("\r\u{1B}[K\(title) \(bar) \(Int(fraction * 100)) %\(left)")
  }

  func close() {
    if console.isLive, clock.seconds > 0.3 { console.paint("\r\u{1B}[K") }
  }
}
