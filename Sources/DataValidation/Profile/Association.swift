import Statistics

/// How closely a column goes with the target.
package struct Association: Sendable, Hashable {
  package enum Statistic: String, Sendable, Hashable, CaseIterable {
    /// Of two numbers: Pearson's correlation, from −1 to 1.
    case pearson
    /// Of a number and a category: Kelley's ε, from 0 to 1.
    case correlationRatio = "correlation_ratio"
    /// Of two categories: Cramér's V with Bergsma's correction, from 0 to 1.
    case cramersV = "cramers_v"
  }

  package var statistic: Statistic
  package var value: Double

  package init(statistic: Statistic, value: Double) {
    self.statistic = statistic
    self.value = value
  }
}

/// How much of the spread of numbers their classes explain: ε = √max(0, 1 − (1 − η²)(n − 1)/(n − k)) with η² the sum of squares between
/// k classes over that of all; unlike η it does not grow with the number of classes. Nil where nothing varies or every class
/// has one row.
///
/// Kelley, "An unbiased correlation ratio measure", PNAS 21 (1935).
func correlationRatio(_ classes: [Moments]) -> Double? {
  let used = classes.filter { $0.count > 0 }
  var whole = Moments()
  for moments in used { whole.merge(moments) }
  let (rows, groups) = (Double(whole.count), Double(used.count))
  guard rows > groups, whole.deviation > 0 else { return nil }
  // Mean squares in units of the whole deviation, which keeps large numbers finite.
  let within = used.reduce(0) {
    let share = $1.deviation / whole.deviation
    return $0 + Double($1.count) * share * share
  }
  let unexplained = within / rows * (rows - 1) / (rows - groups)
  return max(0, 1 - unexplained).squareRoot()
}

/// How closely two categories go together, from the rows by level and class: √(φ² / min(k − 1, r − 1)) with φ², k and r corrected, so
/// that it does not grow with the number of levels. Nil where one of the two does not vary.
///
/// Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical Society 42 (2013).
func cramersV(_ table: [Int], width: Int) -> Double? {
  guard width > 0 else { return nil }
  let height = table.count / width
  let rowSums = (0..<height).map { row in Double(table[row * width..<(row + 1) * width].reduce(0, +)) }
  let columnSums = (0..<width).map { column in
    Double(stride(from: column, to: table.count, by: width).reduce(0) { $0 + table[$1] })
  }
  let total = rowSums.reduce(0, +)
  let (rows, columns) = (Double(rowSums.count { $0 > 0 }), Double(columnSums.count { $0 > 0 }))
  guard rows > 1, columns > 1, total > 1 else { return nil }
  var chi = 0.0
  for row in 0..<height where rowSums[row] > 0 {
    for column in 0..<width where columnSums[column] > 0 {
      let expected = rowSums[row] * columnSums[column] / total
      let gap = Double(table[row * width + column]) - expected
      chi += gap * gap / expected
    }
  }
  let phi = max(0, chi / total - (rows - 1) * (columns - 1) / (total - 1))
  let correctedRows = rows - (rows - 1) * (rows - 1) / (total - 1)
  let correctedColumns = columns - (columns - 1) * (columns - 1) / (total - 1)
  let least = min(correctedRows, correctedColumns) - 1
  return least > 0 ? min(1, (phi / least).squareRoot()) : 0
}
