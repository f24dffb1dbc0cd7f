/// The x > 0 whose upper tail is `tail`; `upper` falls from 1 to 0.
func quantileOfTail(_ tail: Double, start: Double, upper: (Double) -> Double) -> Double {
  let goal = Elementary.log(tail)
  return crossing(start: start) { Elementary.log(upper($0)) - goal }
}

/// The x > 0 whose upper tail is `tail` and whose lower share is `share`: found by the smaller of the two.
func quantileOfTail(
  _ tail: Double, orShare share: Double, start: Double, both: (Double) -> (lower: Double, upper: Double)
) -> Double {
  if tail <= share { return quantileOfTail(tail, start: start) { both($0).upper } }
  let goal = Elementary.log(share)
  return crossing(start: start) { goal - Elementary.log(both($0).lower) }
}

/// Where a falling function of x > 0 crosses 0, to the last digits: a bracket by growing factors, then secants by the
/// Illinois rule (Dowell and Jarratt, BIT 11, 1971), with a halving after every two.
private func crossing(start: Double, _ value: (Double) -> Double) -> Double {
  var low = start
  var high = start
  var atLow = value(low)
  var atHigh = atLow
  var factor = 2.0
  while atLow < 0 {
    (high, atHigh) = (low, atLow)
    low /= factor
    if low == 0 { return 0 }
    atLow = value(low)
    factor = min(factor * factor, 0x1p64)
  }
  factor = 2
  while atHigh > 0 || atHigh.isNaN {
    (low, atLow) = (high, atHigh)
    high *= factor
    if high == .infinity { return high }
    atHigh = value(high)
    factor = min(factor * factor, 0x1p64)
  }
  var lastSide = 0
  for step in 0..<400 where high - low > 0x1p-52 * high {
    var middle = high > 4 * low ? low.squareRoot() * high.squareRoot() : low + (high - low) / 2
    if step % 3 != 2, atLow.isFinite, atHigh.isFinite, atLow > atHigh {
      let secant = low + (high - low) * (atLow / (atLow - atHigh))
      if secant > low, secant < high { middle = secant }
    }
    guard middle > low, middle < high else { break }
    let found = value(middle)
    if found == 0 { return middle }
    if found > 0 {
      (low, atLow) = (middle, found)
      if lastSide > 0 { atHigh *= 0.5 }
      lastSide = 1
    } else {
      (high, atHigh) = (middle, found)
      if lastSide < 0 { atLow *= 0.5 }
      lastSide = -1
    }
  }
  return low + (high - low) / 2
}
