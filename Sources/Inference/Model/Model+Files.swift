import Basics

extension Model {
  package static let descriptionFile = "model.json"
  package static let weightsFile = "weights.safetensors"

  /// The files of the model by name: `model.json` in canonical JSON, and `weights.safetensors` with `coefficients` of
  /// shape [outputs, columns] and `intercepts` of shape [outputs].
  package var files: [(name: String, bytes: [UInt8])] {
    [
      (Model.descriptionFile, json.canonicalBytes),
      (
        Model.weightsFile,
        Safetensors.bytes([
          ("coefficients", Tensor(shape: [outputCount, encoder.columnCount], values: coefficients)),
          ("intercepts", Tensor(shape: [outputCount], values: intercepts)),
        ])
      ),
    ]
  }

  /// Writes the files into a folder, which must be there. Throws `FileError`, and `InferenceError.nonFiniteModel` before
  /// anything is written where a number is not finite.
  package func write(to folder: String) throws {
    if let place = json.nonFinitePlace { throw InferenceError.nonFiniteModel(place) }
    guard coefficients.allSatisfy(\.isFinite) else { throw InferenceError.nonFiniteModel("coefficients") }
    guard intercepts.allSatisfy(\.isFinite) else { throw InferenceError.nonFiniteModel("intercepts") }
    for (name, bytes) in files { try durableWrite("\(folder)/\(name)", bytes: bytes) }
  }

  /// Reads a model that was written into a folder. Throws `FileError`, or `InferenceError` naming the file where it is
  /// not what was written.
  package static func read(from folder: String) throws -> Model {
    let path = "\(folder)/\(descriptionFile)"
    let weightsPath = "\(folder)/\(weightsFile)"
    let json: JSON
    do {
      json = try JSON(parsing: try Files.read(path))
    } catch let error as JSONSyntaxError {
      throw InferenceError.damagedModel(path, "\(error.message) at byte \(error.offset)")
    }
    let tensors = try Safetensors.read(try Files.read(weightsPath), path: weightsPath)
    return try Model(json: json, tensors: tensors, path: path, weightsPath: weightsPath)
  }
}

extension JSON {
  /// The path of the first number that is infinite or none.
  fileprivate var nonFinitePlace: String? {
    switch self {
    case .number(let value): return value.isFinite ? nil : ""
    case .array(let values):
      for (index, value) in values.enumerated() {
        if let place = value.nonFinitePlace { return "[\(index)]" + (place.isEmpty ? "" : ".\(place)") }
      }
    case .object(let members):
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        if let place = value.nonFinitePlace { return key + (place.isEmpty ? "" : ".\(place)") }
      }
    default: break
    }
    return nil
  }
}
