import Basics
import Diagnostics
import Inference
import Tabular
import Testing

@Suite struct ModelTests {
  @Test(arguments: ModelObjective.allCases)
  func predictionsAgreeWithScikitLearn(_ objective: ModelObjective) throws {
    let reference = try Reference()
    let predictions = try Scorer(try reference.model(objective)).score(reference.table)
    let ours = !objective.isClassifier ? predictions.numbers : predictions.probabilities
    let theirs = try reference.numbers("fits", objective.rawValue, "predictions")
    #expect(ours.count == theirs.count)
    for (one, other) in zip(ours, theirs) { #expect(abs(one - other) <= 1e-12 * max(1, abs(other))) }
    let decisions = try reference.numbers("fits", objective.rawValue, "decisions")
    for (row, decision) in decisions.enumerated() where objective.isClassifier {
      #expect(predictions.value(row) == .integer(Int64(decision)))
      #expect(predictions.text(row) == String(Int(decision)))
    }
  }

  /// One row alone, the same row among thousands, and in any window: the same bits.
  @Test(arguments: ModelObjective.allCases) func aRowHasOnePrediction(_ objective: ModelObjective) throws {
    let reference = try Reference()
    let scorer = Scorer(try reference.model(objective))
    let whole = try scorer.score(reference.table)
    let copies = 40
    let many = try scorer.score(try repeated(reference.json, copies))
    let width = max(1, scorer.model.target.classes.count)
    for row in 0..<reference.table.rowCount {
      let one = try scorer.score(reference.table, rows: .rows([row]))
      for copy in [0, copies - 1] {
        let at = copy * reference.table.rowCount + row
        if !objective.isClassifier {
          #expect(one.numbers[0].bitPattern == many.numbers[at].bitPattern)
        } else {
          #expect(one.probabilities == Array(many.probabilities[at * width..<(at + 1) * width]))
        }
      }
      #expect(one.value(0) == whole.value(row))
    }
  }

  @Test func theThresholdDecides() throws {
    let reference = try Reference()
    let fitted = try reference.model(.logistic)
    let strict = Model(
      objective: .logistic, target: fitted.target, encoder: fitted.encoder, coefficients: fitted.coefficients,
      intercepts: fitted.intercepts, threshold: 0.9, l2: fitted.l2, training: fitted.training)
    let predictions = try Scorer(strict).score(reference.table)
    for row in 0..<predictions.rowCount {
      #expect((predictions.decisions[row] == 1) == (predictions.probability(row, 1) > 0.9))
    }
  }

  @Test func aModelWithoutColumnsPredictsItsIntercept() throws {
    let table = Table(columns: [ColumnData("x", .numbers([1, 1])), ColumnData("y", .numbers([3, 5]))])
    let (encoder, notes) = try Encoder.fit(
      table, features: ["x"], rows: .all, settings: EncoderSettings(), dropsLevel: false)
    #expect(notes.map(\.code) == ["constant-column", "no-feature"])
    let model = Model(
      objective: .linear, target: try Target.fit(table, name: "y", rows: .all, objective: .linear), encoder: encoder,
      coefficients: [], intercepts: [4], l2: 0, training: try Reference().model(.linear).training)
    #expect(try Scorer(model).score(table).numbers == [4, 4])
  }

  @Test(arguments: ModelObjective.allCases) func aModelIsReadBack(_ objective: ModelObjective) throws {
    let model = try Reference().model(objective)
    try withFolder { folder in
      try model.write(to: folder)
      #expect(try Model.read(from: folder) == model)
      #expect(try Files.list(folder) == ["model.json", "weights.safetensors"])
    }
  }

  @Test func aModelThatIsNoNumberIsNotWritten() throws {
    let sound = try Reference().model(.linear)
    func model(_ coefficient: Double, deviance: Double) -> Model {
      var coefficients = sound.coefficients
      coefficients[1] = coefficient
      var statistics = sound.statistics
      statistics?.deviance = deviance
      var training = sound.training
      if statistics == nil { training.objectiveValue = deviance }
      return Model(
        objective: .linear, target: sound.target, encoder: sound.encoder, coefficients: coefficients,
        intercepts: sound.intercepts, l2: sound.l2, training: training, statistics: statistics)
    }
    let place = sound.statistics == nil ? "training.objective_value" : "statistics.deviance"
    try withFolder { folder in
      #expect(throws: InferenceError.nonFiniteModel(place)) { try model(1, deviance: .infinity).write(to: folder) }
      #expect(throws: InferenceError.nonFiniteModel("coefficients")) { try model(.nan, deviance: 1).write(to: folder) }
      #expect(try Files.list(folder).isEmpty)
      try model(1, deviance: 1).write(to: folder)
    }
  }

  /// The layout of huggingface/safetensors: length, padded header, data.
  @Test func weightsAreSafetensors() throws {
    let bytes = try #require(try Reference().model(.linear).files.last).bytes
    let length = Int(bytes[0]) + Int(bytes[1]) << 8
    #expect(bytes[2..<8].allSatisfy { $0 == 0 })
    #expect(length % 8 == 0)
    let header = try JSON(parsing: bytes[8..<8 + length])
    #expect(header["coefficients"]?["dtype"] == "F64")
    #expect(header["coefficients"]?["shape"] == [1, 10])
    #expect(header["intercepts"]?["data_offsets"] == [80, 88])
    #expect(bytes.count == 8 + length + 88)
  }

  @Test func damageIsFoundAndNamed() throws {
    let files = try Reference().model(.multinomial).files
    try withFolder { folder in
      func problem(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> String? {
        for (other, bytes) in files {
          var bytes = bytes
          if other == name { change(&bytes) }
          try durableWrite("\(folder)/\(other)", bytes: bytes)
        }
        do {
          _ = try Model.read(from: folder)
          return nil
        } catch { return (error as? InferenceError)?.diagnostics.first?.message }
      }
      let json = "model.json"
      let weights = "weights.safetensors"
      #expect(try problem(json) { _ in } == nil)
      #expect(
        try problem(json) { $0.removeLast() }
          == "'\(folder)/model.json' is damaged: expected ',' or '}' at byte \(files[0].bytes.count - 1)")
      #expect(
        try problem(json) { $0 = Array("{}".utf8) }
          == "'\(folder)/model.json' is damaged: 'format' is missing in the model")
      #expect(try problem(weights) { $0.removeLast() }?.hasSuffix("is not well formed") == true)
      #expect(try problem(weights) { $0.append(0) }?.hasSuffix("it goes on after its tensors") == true)
      #expect(try problem(weights) { $0 = [] }?.hasSuffix("it ends within the length of its header") == true)
      #expect(try problem(weights) { $0[7] = 255 }?.hasSuffix("its header is longer than the file") == true)
      #expect(
        try problem(weights) {
          $0[$0.count - 1] = 127; $0[$0.count - 2] = 240
        }?.hasSuffix("holds a number that is not finite") == true)
      let linear = try Reference().model(.linear).files[1].bytes
      #expect(try problem(weights) { $0 = linear }?.hasSuffix("do not have the shape that model.json asks for") == true)
      // No flipped or missing byte makes the reader stop the process.
      for offset in stride(from: 0, to: files[1].bytes.count, by: 7) {
        _ = try problem(weights) { $0[offset] ^= 0x55 }
        _ = try problem(weights) { $0.removeSubrange(offset...) }
      }
    }
  }

  @Test func coefficientsAreGivenOnBothScales() throws {
    let reference = try Reference()
    let model = try reference.model(.linear)
    let table = model.coefficientTable
    #expect(table.map(\.column) == [nil] + model.encoder.outputNames.map(Optional.some))
    // A row without anything missing: the original scale applied to the cells as they are gives the prediction.
    let row = try #require(
      (0..<reference.table.rowCount).first { row in
        reference.features.allSatisfy { reference.table.column(named: $0)?.isMissing(row) == false }
      })
    var sum = table[0].original
    for entry in table.dropFirst() {
      let name = try #require(entry.column)
      if let column = reference.table.column(named: name) {
        var cell = [0.0]
        cell.withUnsafeMutableBufferPointer { column.readNumbers(row..<row + 1, into: $0) }
        sum += entry.original * cell[0]
      } else {
        let index = try #require(model.encoder.outputNames.firstIndex(of: name))
        sum += entry.original * (try design(model.encoder, reference.table)[row][index])
      }
    }
    #expect(abs(sum - (try Scorer(model).score(reference.table).numbers[row])) < 1e-9)
    #expect(
      try reference.model(.multinomial).coefficientTable.filter { $0.column == nil }.map(\.className) == [
        "0", "1", "2",
      ])
  }

  /// The rows of the reference `copies` times over.
  private func repeated(_ json: JSON, _ copies: Int) throws -> Table {
    func cells(_ key: String) throws -> [JSON] {
      let cells = try #require(json[key]?.arrayValue)
      return (0..<copies).flatMap { _ in cells }
    }
    return Table(columns: [
      ColumnData("age", .integers(try cells("age").map { $0.intValue.map(Int64.init) })),
      ColumnData("bmi", .numbers(try cells("bmi").map(\.doubleValue))),
      ColumnData("smoker", .booleans(try cells("smoker").map { $0.doubleValue.map { $0 == 1 } })),
      ColumnData("sex", .texts(try cells("sex").map(\.stringValue))),
      ColumnData("city", .categories(try cells("city").map(\.stringValue))),
    ])
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = "/tmp/mlflowctl-inference-\(uniqueSuffix())"
    try Files.makeFolder(folder)
    defer { try? Files.removeTree(folder) }
    try body(folder)
  }
}
