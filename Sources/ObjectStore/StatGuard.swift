import Basics

/// Whether a file with these times, looked at at the instant `noted`, could not be written again with the same times: its
/// last change lies further back than one tick of the file system's clock. All in nanoseconds since 1970.
///
/// Ticks are at most 10 ms on Linux; a file system that keeps whole seconds only is given two of them.
func isSettled(_ modified: Int64, _ changed: Int64, at noted: Int64) -> Bool {
  let last = max(modified, changed)
  let tick: Int64 = last % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
  return last + tick < noted
}

/// Nanoseconds since 1970, by the clock that file systems use.
func wallClock() -> Int64 { Timestamp.now.milliseconds * 1_000_000 }
