/// Counts the rows that break a rule and remembers the first few.
struct RowTally: Sendable {
  private(set) var count = 0
  private(set) var examples: [Int] = []

  mutating func add(row: Int) {
    count += 1
    if examples.count < Finding.exampleLimit { examples.append(row + 1) }
  }
}
