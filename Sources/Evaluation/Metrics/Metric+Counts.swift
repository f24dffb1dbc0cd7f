/// What can be said of any rows.
extension Metric {
  static let counts: [Metric] = [rows]

  /// How many rows there are; 0 where there are none.
  private static let rows = Metric(
    "rows", "Number of rows judged", .higherIsBetter,
    [.number: .never, .count: .never, .binary: .never, .multiClass: .never], isWeighted: false
  ) { rows, _ in
    Statistic(rowCount: rows.rowCount, whenEmpty: .value(0)) { weights in .value(weights.reduce(0, +)) }
  }
}
