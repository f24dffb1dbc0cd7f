package import Basics
import Tabular

/// The version of the list of operators that is written.
private let operatorsVersion = 1

extension Encoder {
  /// `{version, inputs: [{name, type}], operators: […]}`: operators in the order of the design's columns, each of which
  /// maps to one of ONNX.
  ///
  /// | operator | members | ONNX |
  /// |---|---|---|
  /// | `number` | input, output | Cast |
  /// | `date-part` | input, part, output | (computed before the graph) |
  /// | `impute` | column, value | Imputer |
  /// | `scale` | column, offset, factor | Scaler |
  /// | `missing` | input, output | IsNaN, Cast |
  /// | `hash` | input, output, buckets | (computed before the graph) |
  /// | `hash-words` | input, output, buckets, longest_run, lowercase, term, signed, normalise | (computed before the graph) |
  /// | `sparse` | input, output, indices | Gather |
  /// | `one-hot` | input, columns: [{output, levels, unknown?, missing?}], baseline | LabelEncoder, OneHotEncoder |
  package var json: JSON {
    [
      "version": JSON(operatorsVersion), "inputs": Schema(fields: inputs).json,
      "operators": .array(features.flatMap(\.operators)),
    ]
  }

  /// Reads what `json` writes. `path` is the file it came from, for messages.
  package init(json: JSON, path: String) throws(InferenceError) {
    let reader = ModelReader(json, path: path, place: "encoder")
    let version = try reader.integer("version")
    guard version == operatorsVersion else {
      throw .unknownFormat(path, "the encoder has version \(version), known is \(operatorsVersion)")
    }
    let inputs: [Field]
    do {
      inputs = try Schema(json: reader.value("inputs")).fields
    } catch let error as InferenceError {
      throw error
    } catch {
      throw .damagedModel(path, "the inputs of the encoder are not a list of columns")
    }
    var features: [Feature] = []
    for entry in try reader.objects("operators") { try Encoder.read(entry, into: &features) }
    let types = Dictionary(inputs.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    let encoder = Encoder(inputs: inputs, features: features)
    let named = features.filter { if case .hash = $0 { false } else if case .text = $0 { false } else { true } }
    let names = named.flatMap(\.outputs)
    guard features.allSatisfy({ $0.canRead(types[$0.input]) }), types.count == inputs.count,
      Set(names).count == names.count
    else { throw .damagedModel(path, "the operators of the encoder do not fit its inputs") }
    self = encoder
  }

  /// Adds one operator to the features read so far.
  private static func read(_ entry: ModelReader, into features: inout [Feature]) throws(InferenceError) {
    switch try entry.string("operator") {
    case "number", "date-part":
      var part: DatePart?
      if let name = try entry.optionalString("part") {
        guard let known = DatePart(rawValue: name) else { throw entry.unknown("the part of a date '\(name)'") }
        part = known
      }
      features.append(
        .number(
          NumberFeature(
            input: try entry.string("input"), part: part, output: try entry.string("output"), impute: nil, offset: 0,
            factor: 1)))
    case "impute", "scale":
      guard case .number(var feature)? = features.popLast(), try entry.string("column") == feature.output else {
        throw entry.damaged("an operator works on a column that is not the last one")
      }
      if try entry.string("operator") == "impute" {
        feature.impute = try entry.number("value")
      } else {
        feature.offset = try entry.number("offset")
        feature.factor = try entry.number("factor")
      }
      features.append(.number(feature))
    case "missing":
      features.append(.indicator(input: try entry.string("input"), output: try entry.string("output")))
    case "one-hot":
      var columns: [OneHotFeature.Column] = []
      for column in try entry.objects("columns") {
        columns.append(
          OneHotFeature.Column(
            output: try column.string("output"), levels: try column.strings("levels"),
            takesUnknown: try column.bool("unknown"), takesMissing: try column.bool("missing")))
      }
      features.append(
        .oneHot(
          OneHotFeature(input: try entry.string("input"), columns: columns, baseline: try entry.strings("baseline"))))
    case "hash":
      features.append(
        .hash(
          HashFeature(
            input: try entry.string("input"), output: try entry.string("output"), buckets: try buckets(entry))))
    case "hash-words":
      let word = try entry.string("term")
      guard let term = TextFeature.Term(rawValue: word) else { throw entry.unknown("the term '\(word)'") }
      features.append(
        .text(
          TextFeature(
            input: try entry.string("input"), output: try entry.string("output"), buckets: try buckets(entry),
            longestRun: max(1, try entry.integer("longest_run")), lowercase: try entry.bool("lowercase"), term: term,
            isSigned: try entry.bool("signed"), isNormalised: try entry.bool("normalise"))))
    case "sparse":
      let numbers = try entry.value("indices").arrayValue ?? []
      let indices = numbers.compactMap { $0.intValue.flatMap { Int32(exactly: $0) } }
      guard indices.count == numbers.count, indices.first ?? 0 >= 0,
        zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw entry.damaged("the indices of a sparse column are not ascending numbers") }
      features.append(
        .sparse(
          SparseFeature(input: try entry.string("input"), output: try entry.string("output"), indices: indices)))
    case let name: throw entry.unknown("the operator '\(name)'")
    }
  }
}

private func buckets(_ entry: ModelReader) throws(InferenceError) -> Int {
  let count = try entry.integer("buckets")
  guard count >= 2, count <= mostBuckets else { throw entry.damaged("the number of buckets is out of bounds") }
  return count
}

extension Feature {
  fileprivate var operators: [JSON] {
    switch self {
    case .number(let feature):
      var read: JSON = ["operator": "number", "input": .string(feature.input), "output": .string(feature.output)]
      if let part = feature.part {
        read["operator"] = "date-part"
        read["part"] = .string(part.rawValue)
      }
      var operators = [read]
      if let value = feature.impute {
        operators.append(["operator": "impute", "column": .string(feature.output), "value": .number(value)])
      }
      if feature.offset != 0 || feature.factor != 1 {
        operators.append([
          "operator": "scale", "column": .string(feature.output), "offset": .number(feature.offset),
          "factor": .number(feature.factor),
        ])
      }
      return operators
    case .indicator(let input, let output):
      return [["operator": "missing", "input": .string(input), "output": .string(output)]]
    case .oneHot(let feature):
      let columns = feature.columns.map { column in
        var entry: JSON = ["output": .string(column.output), "levels": JSON(column.levels)]
        if column.takesUnknown { entry["unknown"] = true }
        if column.takesMissing { entry["missing"] = true }
        return entry
      }
      return [
        [
          "operator": "one-hot", "input": .string(feature.input), "columns": .array(columns),
          "baseline": JSON(feature.baseline),
        ]
      ]
    case .hash(let feature):
      return [
        [
          "operator": "hash", "input": .string(feature.input), "output": .string(feature.output),
          "buckets": JSON(feature.buckets),
        ]
      ]
    case .text(let feature):
      return [
        [
          "operator": "hash-words", "input": .string(feature.input), "output": .string(feature.output),
          "buckets": JSON(feature.buckets), "longest_run": JSON(feature.longestRun),
          "lowercase": .bool(feature.lowercase), "term": .string(feature.term.rawValue),
          "signed": .bool(feature.isSigned), "normalise": .bool(feature.isNormalised),
        ]
      ]
    case .sparse(let feature):
      return [
        [
          "operator": "sparse", "input": .string(feature.input), "output": .string(feature.output),
          "indices": .array(feature.indices.map { JSON(Int($0)) }),
        ]
      ]
    }
  }

  /// Whether the feature can be made of a column of this type; nil is no such column.
  fileprivate func canRead(_ type: ColumnType?) -> Bool {
    guard let type else { return false }
    return switch self {
    case .number(let feature): feature.part == nil ? type.isNumeric && !type.isTime : type.isTime
    case .indicator: true
    case .oneHot, .hash: type == .category || type == .text
    case .text: type == .text || type == .category
    case .sparse: type == .sparse
    }
  }
}
