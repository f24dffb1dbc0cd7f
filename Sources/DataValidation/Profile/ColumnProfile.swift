package import Statistics
package import Tabular

/// What the values of one column are like, over some rows of a table.
package struct ColumnProfile: Sendable, Hashable {
  package var name: String
  package var type: ColumnType
  /// Rows looked at, and those of them without a value.
  package var count: Int
  package var missing: Int
  /// Different values; nil for sparse columns.
  package var distinct: Distinct?
  /// Of integers, numbers, booleans (0 and 1), dates (days since 1970-01-01), timestamps (seconds since 1970-01-01T00:00:00Z) and the entries of a sparse column; nil for
  /// other types and where every value is missing.
  package var numbers: Numbers?
  /// The most frequent values, most frequent first, equally frequent ones by their bytes.
  package var values: [ValueCount] = []
  /// Every level of a category that occurs, in the order of `values`; nil where they are too many to be kept, and for other
  /// types.
  package var levels: [ValueCount]?
  /// How much a count among `values` may be too small; 0 where they are exact, as always for categories and booleans.
  package var undercount = 0
  /// Of texts and categories, in Unicode scalars.
  package var lengths: Lengths?
  /// Of a sparse column: its entries, and the indices that occur.
  package var entries: Entries?
  /// How closely the column goes with the target, where one was named.
  package var association: Association?

  /// The most `values` that are listed.
  package static let valueLimit = 20

  /// A count of different values.
  package struct Distinct: Sendable, Hashable {
    package var count: Int
    /// False where it is an estimate, with a relative standard error of `HyperLogLog.relativeError`.
    package var isExact: Bool
  }

  package struct Numbers: Sendable, Hashable {
    package var min: Double
    package var max: Double
    package var mean: Double
    /// With divisor n, as the encoder standardises.
    package var deviation: Double
    package var zeros: Int
    /// At `probabilities`, type 7 (see `quantile`).
    package var quantiles: [Double]
    /// At 0, 1, … 100 %.
    package var centiles: [Double]
    /// Rows in each of `binCount` bins of equal width from `min` to `max`; each bin holds its lower edge, the last one both.
    /// A single bin where `min` is `max`.
    package var histogram: [Int]
    /// How far the rank of a quantile may be off, as a share of rows, with a probability of 99 %; 0 where they are exact.
    package var rankError: Double
    /// The distribution function: numbers with how many are at most as large, of a sample where `rankError` is not 0. Numbers
    /// left out count as the next larger one.
    package var points: WeightedValues
    /// The largest share of rows that lies between two points: 0 where every number is a point.
    package var pointGap: Double
    /// `min` and `max` of integers exactly, where one of the column is 2⁵³ or more, or −2⁵³ or less; nil where doubles hold
    /// all of them.
    package var wholeMin: Int64?
    package var wholeMax: Int64?

    /// The quantile at a share: of a whole percent the centile, of any other one from `points`.
    package func quantile(_ probability: Double) -> Double {
      let percent = (probability * 100).rounded()
      if abs(percent - probability * 100) < 1e-9, centiles.indices.contains(Int(percent)) {
        return centiles[Int(percent)]
      }
      return Swift.min(max, Swift.max(min, points.quantile(probability)))
    }

    package static let probabilities = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    package static let binCount = 10
  }

  package struct ValueCount: Sendable, Hashable {
    package var value: String
    package var count: Int
  }

  package struct Lengths: Sendable, Hashable {
    package var min: Int
    package var max: Int
    package var mean: Double
  }

  package struct Entries: Sendable, Hashable {
    package var count: Int
    package var indices: Int
    package var isExact: Bool
  }
}
