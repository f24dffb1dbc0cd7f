import Basics
package import Tabular

extension Target {
  /// Finds the target in `table`. Throws where it is not there or of another type.
  package func bind(to table: Table) throws(InferenceError) -> BoundTarget {
    BoundTarget(self, try table.column(for: Field(name: name, type: type)))
  }
}

/// A target with the column of one table in hand.
package struct BoundTarget: Sendable {
  package let target: Target
  private let column: Column
  /// For numbers, booleans, dates and timestamps: the classes as numbers, ascending.
  private let ofNumber: [Double]
  private let ofText: [[UInt8]: Int]
  private let ofCode: [Int]

  fileprivate init(_ target: Target, _ column: Column) {
    self.target = target
    self.column = column
    ofNumber = target.classes.map { text in
      switch target.type {
      case .boolean: text == "true" ? 1 : 0
      case .date: Double(CalendarDate(text: text)?.daysSinceEpoch ?? 0)
      case .timestamp: Double(parseTimestamp(text) ?? 0) / 1_000_000
      default: Double(text) ?? .nan
      }
    }
    let ofText = Dictionary(
      target.classes.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    self.ofText = ofText
    ofCode = column.dictionary.map { ofText[Array($0.utf8)] ?? -1 }
  }

  /// Reads numbers, or class indices into `target.classes`: -1 for a class that the model does not know. NaN where
  /// missing.
  /// `out.count == rows.count`.
  package func read(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    precondition(out.count == rows.count)
    if column.type.isNumeric {
      column.readNumbers(rows, into: out)
      if target.classes.isEmpty { return }
      guard ofNumber.count == 2 else {
        for index in out.indices where !out[index].isNaN { out[index] = Double(classIndex(of: out[index])) }
        return
      }
      // Without branches, which nobody could foretell.
      let (first, second) = (ofNumber[0], ofNumber[1])
      for index in out.indices {
        let value = out[index]
        let unknown = value.isNaN ? value : -1
        out[index] = value == second ? 1 : value == first ? 0 : unknown
      }
    } else if column.type == .category {
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows.count) { codes in
        codes.initialize(repeating: 0)
        column.readCodes(rows, into: codes)
        for (index, code) in codes.enumerated() { out[index] = code < 0 ? .nan : Double(ofCode[Int(code)]) }
      }
    } else {
      for row in rows {
        out[row - rows.lowerBound] = column.text(row).map { Double(ofText[Array($0.utf8)] ?? -1) } ?? .nan
      }
    }
  }

  /// Reads what a solver fits: the number (`linear`), 1 for the positive class and 0 for the other (`logistic`), the
  /// class index (`multinomial`).
  package func readForFit(
    _ objective: ModelObjective, _ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>
  ) {
    read(rows, into: out)
    guard objective == .logistic, let positive = target.positive else { return }
    for index in out.indices where !out[index].isNaN { out[index] = out[index] == Double(positive) ? 1 : 0 }
  }

  private func classIndex(of value: Double) -> Int {
    var low = 0
    var high = ofNumber.count
    while low < high {
      let middle = (low + high) / 2
      if ofNumber[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < ofNumber.count && ofNumber[low] == value ? low : -1
  }
}
