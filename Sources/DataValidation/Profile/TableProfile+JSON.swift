package import Basics
import Statistics
import Tabular

extension TableProfile {
  /// `{"version", "rows", "target", "columns": […]}`; the form of `profile.json`, in canonical text.
  package var json: JSON {
    var json = head
    json["columns"] = .array(columns.map(\.json))
    return json
  }

  /// What there is beside the columns.
  private var head: JSON {
    var json: JSON = ["version": JSON(Self.version), "rows": JSON(rowCount)]
    if let target { json["target"] = JSON(target) }
    return json
  }

  /// The canonical text of `json`, its columns written side by side on `threads` threads.
  package func canonicalBytes(threads: Int) -> [UInt8] {
    let written = parallelMap(count: columns.count, threads: threads) { columns[$0].json.canonicalBytes }
    // Keys are in the order of their bytes, `columns` before all others.
    var bytes = Array(#"{"columns":["#.utf8)
    for (index, column) in written.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += column
    }
    return bytes + Array("],".utf8) + head.canonicalBytes.dropFirst()
  }

  /// Reads what `json` writes, and what versions 1 and 2 wrote. Nil for anything else.
  package init?(json: JSON) {
    guard let version = json["version"]?.intValue, (1...Self.version).contains(version),
      let rows = json["rows"]?.intValue, let entries = json["columns"]?.arrayValue
    else { return nil }
    let columns = entries.compactMap(ColumnProfile.init)
    guard columns.count == entries.count else { return nil }
    self.init(rowCount: rows, target: json["target"]?.stringValue, columns: columns)
  }
}

extension ColumnProfile {
  /// `{"name", "type", "count", "missing", "distinct"}`, and where it applies `"distinct_error"` (a relative standard error),
  /// `"values"` with `"undercount"`, `"levels": [[names], [counts]]` of more than are in `values`, `"lengths": {"min", "max", "mean"}`, `"entries": {"count", "indices"}`, `"association":
  /// {"statistic", "value"}`, and for numbers `{"min", "max", "mean", "deviation", "zeros", "quantiles": [[p, value], …], "centiles",
  /// "histogram", "rank_error", "points": [[numbers], [how many are at most as large]], "point_gap"}`.
  package var json: JSON {
    var json: JSON = [
      "name": JSON(name), "type": JSON(type.rawValue), "count": JSON(count), "missing": JSON(missing),
      "distinct": distinct.map { JSON($0.count) } ?? .null,
    ]
    if distinct?.isExact == false { json["distinct_error"] = JSON(HyperLogLog.relativeError) }
    if type == .category || type == .boolean || !values.isEmpty {
      json["values"] = .array(values.map { ["value": JSON($0.value), "count": JSON($0.count)] })
      if undercount > 0 { json["undercount"] = JSON(undercount) }
    }
    if let levels, levels.count > values.count {
      json["levels"] = [JSON(levels.map(\.value)), JSON(levels.map(\.count))]
    }
    if let lengths {
      json["lengths"] = ["min": JSON(lengths.min), "max": JSON(lengths.max), "mean": JSON(lengths.mean)]
    }
    if let entries { json["entries"] = ["count": JSON(entries.count), "indices": JSON(entries.indices)] }
    if let association {
      json["association"] = [
        "statistic": JSON(association.statistic.rawValue), "value": JSON(association.value),
      ]
    }
    if let numbers {
      json["min"] = numbers.wholeMin.map { .integer($0) } ?? JSON(numbers.min)
      json["max"] = numbers.wholeMax.map { .integer($0) } ?? JSON(numbers.max)
      json["mean"] = JSON(numbers.mean)
      json["deviation"] = JSON(numbers.deviation)
      json["zeros"] = JSON(numbers.zeros)
      json["quantiles"] = .array(zip(Numbers.probabilities, numbers.quantiles).map { JSON([$0, $1]) })
      json["centiles"] = JSON(numbers.centiles)
      json["histogram"] = JSON(numbers.histogram)
      if numbers.rankError > 0 { json["rank_error"] = JSON(numbers.rankError) }
      if numbers.points.total > 0 {
        json["points"] = [JSON(numbers.points.values), JSON(numbers.points.cumulative)]
        if numbers.pointGap > 0 { json["point_gap"] = JSON(numbers.pointGap) }
      }
    }
    return json
  }

  fileprivate init?(_ json: JSON) {
    guard let name = json["name"]?.stringValue, let word = json["type"]?.stringValue,
      let type = ColumnType(rawValue: word), let count = json["count"]?.intValue,
      let missing = json["missing"]?.intValue
    else { return nil }
    self.init(name: name, type: type, count: count, missing: missing)
    distinct = json["distinct"]?.intValue.map { Distinct(count: $0, isExact: json["distinct_error"] == nil) }
    values = (json["values"]?.arrayValue ?? []).compactMap { entry in
      guard let value = entry["value"]?.stringValue, let count = entry["count"]?.intValue else { return nil }
      return ValueCount(value: value, count: count)
    }
    undercount = json["undercount"]?.intValue ?? 0
    if type == .category, values.count == distinct?.count { levels = values }
    if let lists = json["levels"]?.arrayValue, lists.count == 2, let names = lists[0].arrayValue,
      let counts = lists[1].arrayValue
    {
      levels = zip(names, counts).compactMap { name, count in
        guard let name = name.stringValue, let count = count.intValue else { return nil }
        return ValueCount(value: name, count: count)
      }
    }
    lengths = json["lengths"].flatMap(Lengths.init)
    entries = json["entries"].flatMap { entry in
      guard let count = entry["count"]?.intValue, let indices = entry["indices"]?.intValue else { return nil }
      return Entries(count: count, indices: indices, isExact: true)
    }
    association = json["association"].flatMap { entry in
      guard let statistic = entry["statistic"]?.stringValue.flatMap(Association.Statistic.init(rawValue:)),
        let value = entry["value"]?.doubleValue
      else { return nil }
      return Association(statistic: statistic, value: value)
    }
    numbers = Numbers(json)
  }
}

extension ColumnProfile.Lengths {
  fileprivate init?(_ json: JSON) {
    guard let min = json["min"]?.intValue, let max = json["max"]?.intValue, let mean = json["mean"]?.doubleValue else {
      return nil
    }
    self.init(min: min, max: max, mean: mean)
  }
}

extension ColumnProfile.Numbers {
  /// Version 1 had neither zeros nor centiles; these come from its nine quantiles.
  fileprivate init?(_ json: JSON) {
    guard let min = json["min"]?.doubleValue, let max = json["max"]?.doubleValue, let mean = json["mean"]?.doubleValue,
      let deviation = json["deviation"]?.doubleValue,
      let quantiles = json["quantiles"]?.arrayValue?.compactMap({ $0.arrayValue?.last?.doubleValue }),
      quantiles.count == Self.probabilities.count,
      let histogram = json["histogram"]?.arrayValue?.compactMap(\.intValue)
    else { return nil }
    let centiles = json["centiles"]?.arrayValue?.compactMap(\.doubleValue)
    self.init(
      min: min, max: max, mean: mean, deviation: deviation, zeros: json["zeros"]?.intValue ?? 0, quantiles: quantiles,
      centiles: centiles?.count == 101 ? centiles ?? [] : Self.interpolated(quantiles), histogram: histogram,
      rankError: json["rank_error"]?.doubleValue ?? 0, points: Self.points(json["points"]),
      pointGap: json["point_gap"]?.doubleValue ?? 0)
    // Beyond 2⁵³ canonical text has whole numbers as strings.
    if Swift.max(max, -min) >= 0x1p53, let low = json["min"]?.wholeValue, let high = json["max"]?.wholeValue {
      (wholeMin, wholeMax) = (low, high)
    }
  }

  /// Nothing for what earlier versions wrote.
  private static func points(_ json: JSON?) -> WeightedValues {
    guard let lists = json?.arrayValue, lists.count == 2,
      let values = lists[0].arrayValue?.compactMap(\.doubleValue),
      let cumulative = lists[1].arrayValue?.compactMap(\.intValue)
    else { return WeightedValues([]) }
    return WeightedValues(ascending: values, cumulative: cumulative) ?? WeightedValues([])
  }

  private static func interpolated(_ quantiles: [Double]) -> [Double] {
    (0...100).map { step in
      let share = Double(step) / 100
      let above = Swift.max(1, probabilities.firstIndex { $0 >= share } ?? probabilities.count - 1)
      let (low, high) = (probabilities[above - 1], probabilities[above])
      let part = (share - low) / (high - low)
      return quantiles[above - 1] * (1 - part) + quantiles[above] * part
    }
  }
}

extension JSON {
  /// A whole number that was written as one, and not as a double.
  fileprivate var wholeValue: Int64? {
    switch self {
    case .integer(let value): value
    case .string(let text): Int64(text)
    case .number(let value) where value.magnitude <= 0x1p53: Int64(exactly: value)
    default: nil
    }
  }
}
