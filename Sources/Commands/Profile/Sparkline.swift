/// Bars of eight heights, one a bin: `▁▂▅█`. A bin that holds anything shows at least the lowest bar, an empty one a space.
func sparkline(_ counts: [Int]) -> String {
  let bars = Array("▁▂▃▄▅▆▇█")
  guard let most = counts.max(), most > 0 else { return "" }
  return String(
    counts.map { count in
      count == 0 ? " " : bars[min(bars.count - 1, Int(Double(count) / Double(most) * Double(bars.count)))]
    })
}
