import Statistics
import Tabular

/// Whether whole numbers look like counts of something, for which a Poisson model is made: none negative, and either named as
/// counts are, or with zeros among them, a tail towards the large ones and at least half the spread of Poisson's.
func looksLikeCounts(_ column: Column) -> Bool {
  guard column.type == .integer, column.rowCount > 20, distinct(column, limit: 3) > 2 else { return false }
  var values = [Double](repeating: 0, count: column.rowCount)
  values.withUnsafeMutableBufferPointer { column.readNumbers(0..<column.rowCount, into: $0) }
  values.removeAll(where: \.isNaN)
  guard let least = values.min(), least >= 0, let most = values.max() else { return false }
  let name = column.name.lowercased()
  let words = name.split { !$0.isLetter }
  let usual: Set<Substring> = [
    "count", "counts", "cnt", "visits", "claims", "calls", "orders", "rentals", "accidents", "events", "n", "num",
    "clicks", "deaths", "births", "sales", "trips",
  ]
  if words.contains(where: usual.contains) { return true }
  let spread = standardDeviation(values)
  let centre = mean(values)
  // Codes and grades end soon; counts have a tail.
  let isSkewed = centre > 1.1 * median(values)
  return least == 0 && most > 10 && isSkewed && most > centre + 3 * centre.squareRoot()
    && spread * spread > 0.5 * centre && centre < 100
}
