/// One coefficient for people to read.
package struct Coefficient: Sendable, Hashable {
  /// The class that it speaks for; nil for a model of numbers.
  package var className: String?
  /// The column of the design; nil for the intercept.
  package var column: String?
  /// As fitted, for the column as encoded.
  package var standardised: Double
  /// For the column as it is in the table, after imputing.
  package var original: Double
}

extension Model {
  /// All coefficients by output, the intercept of each first.
  ///
  /// With encoded columns z = (x − offset)·factor and z·w: the original coefficient is w·factor, the original intercept
  /// b − Σ w·factor·offset.
  package var coefficientTable: [Coefficient] {
    let scales = encoder.scales
    let width = encoder.columnCount
    return (0..<outputCount).flatMap { output in
      let className = className(ofOutput: output)
      let weights = coefficients[output * width..<(output + 1) * width]
      var intercept = Coefficient(
        className: className, column: nil, standardised: intercepts[output], original: intercepts[output])
      var rows: [Coefficient] = []
      for (name, (weight, scale)) in zip(encoder.outputNames, zip(weights, scales)) {
        let original = weight * scale.factor
        intercept.original -= original * scale.offset
        rows.append(Coefficient(className: className, column: name, standardised: weight, original: original))
      }
      return [intercept] + rows
    }
  }

  /// The places in `coefficientTable` of those for a report: all of up to 1,000 columns; of more, each intercept and the
  /// 100 coefficients of each output that are farthest from 0, the farthest first.
  package var reportedPlaces: [Int] {
    let width = encoder.columnCount
    if width <= 1000 { return Array(0..<outputCount * (width + 1)) }
    var places: [Int] = []
    for output in 0..<outputCount {
      let sizes = coefficients[output * width..<(output + 1) * width].map { abs($0) }
      let largest = sizes.indices.sorted { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
      let first = output * (width + 1)
      places.append(first)
      places += largest.prefix(100).map { first + 1 + $0 }
    }
    return places
  }

  func className(ofOutput output: Int) -> String? {
    switch objective {
    case .linear, .poisson: nil
    case .logistic: target.positive.map { target.classes[$0] }
    case .multinomial: target.classes[output]
    }
  }
}
