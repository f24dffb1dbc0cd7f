package import Basics

/// The grammar as JSON Schema (draft 2020-12), for editors: names, types, ranges, words and their descriptions. What
/// depends on other steps, wiring above all, is beyond a schema and left to the parser.
package func workflowSchema(kinds: [KindGrammar]) -> JSON {
  var top: [String: JSON] = [:]
  for setting in DocumentBuilder.topSettings { top[setting.name] = schema(setting) }
  top["workflow"]?["pattern"] = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$|\\$\\{env:"
  top["steps"] = [
    "description": "the steps, each a name with one step kind below it", "type": "object", "minProperties": 1,
    "maxProperties": JSON(Limits.steps), "propertyNames": ["pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"],
    "additionalProperties": step(kinds),
  ]
  return [
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mlflowctl workflow", "type": "object",
    "properties": .object(top), "patternProperties": ["^x-": true], "additionalProperties": false,
    "required": ["workflow", "steps"], "$defs": ["variable": variable],
  ]
}

private func step(_ kinds: [KindGrammar]) -> JSON {
  var properties: [String: JSON] = [:]
  for option in DocumentBuilder.stepOptions { properties[option.name] = schema(option) }
  for kind in kinds { properties[kind.name] = schema(kind) }
  return [
    "type": "object", "properties": .object(properties), "additionalProperties": false,
    "oneOf": .array(kinds.map { ["required": [.string($0.name)]] }),
  ]
}

private func schema(_ kind: KindGrammar) -> JSON {
  var schema = recordSchema(kind.settings)
  // A kind whose settings may all be left out may be written with nothing behind it.
  if schema["required"] == nil { schema["type"] = ["object", "null"] }
  if let bare = kind.settings.first(where: { $0.name == kind.bareSetting }) {
    schema = ["anyOf": [schema, bare.shape.schema]]
  }
  schema["description"] = .string(kind.summary)
  return schema
}

private func schema(_ setting: SettingGrammar) -> JSON {
  var schema = setting.shape.schema
  schema["description"] = .string(setting.summary)
  if let fallback = setting.fallback { schema["default"] = fallback }
  return schema
}

/// `required` lists what no wiring can supply.
private func recordSchema(_ settings: [SettingGrammar]) -> JSON {
  var properties: [String: JSON] = [:]
  for setting in settings { properties[setting.name] = schema(setting) }
  let required = settings.filter { $0.isRequired && $0.fallback == nil && !$0.shape.isArtifact }.map(\.name)
  var schema: JSON = ["type": "object", "properties": .object(properties), "additionalProperties": false]
  if !required.isEmpty { schema["required"] = JSON(required) }
  return schema
}

/// Where `${env:NAME}` stands, the value is known only to the parser.
private let variable: JSON = [
  "type": "string", "pattern": "\\$\\{env:[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}",
  "description": "a value with an environment variable in it",
]

extension Shape {
  var schema: JSON {
    switch self {
    case .text, .path, .checked, .secret: ["type": ["string", "number", "boolean"], "minLength": 1]
    case .scalar: ["type": ["string", "number", "boolean", "null"]]
    case .boolean: orVariable(["type": "boolean"])
    case .integer(let range):
      orVariable(
        bounded("integer", range.lowerBound == .min ? nil : JSON(range.lowerBound),
          range.upperBound == .max ? nil : JSON(range.upperBound)))
    case .number(let range): orVariable(numberSchema(range))
    case .share:
      orVariable(
        ["type": "number", "minimum": 0, "maximum": 1],
        ["type": "string", "pattern": "^(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)%$"])
    case .shareOrCount:
      orVariable(
        ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1], ["type": "integer", "minimum": 1],
        ["type": "string", "pattern": "^(?!0+(\\.0+)?%)[0-9]{1,2}(\\.[0-9]+)?%$"])
    case .duration: orVariable(["type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$"])
    case .choice(let words): orVariable(["enum": JSON(words)])
    case .list(let shape): ["type": "array", "items": shape.schema]
    case .map(let shape): ["type": "object", "additionalProperties": shape.schema]
    case .record(let settings): recordSchema(settings)
    case .anyOf(let shapes): ["anyOf": .array(shapes.map(\.schema))]
    case .artifact:
      orVariable(["type": ["string", "integer"], "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*(\\..+)?$"])
    }
  }
}

private func orVariable(_ schemas: JSON...) -> JSON {
  ["anyOf": .array(schemas + [["$ref": "#/$defs/variable"]])]
}

private func bounded(_ type: String, _ lower: JSON?, _ upper: JSON?) -> JSON {
  var schema: JSON = ["type": .string(type)]
  schema["minimum"] = lower
  schema["maximum"] = upper
  return schema
}

private func numberSchema(_ range: ClosedRange<Double>) -> JSON {
  let upper = range.upperBound == .infinity ? nil : JSON(range.upperBound)
  guard range.lowerBound == .leastNonzeroMagnitude else {
    return bounded("number", range.lowerBound == -.infinity ? nil : JSON(range.lowerBound), upper)
  }
  var schema = bounded("number", nil, upper)
  schema["exclusiveMinimum"] = 0
  return schema
}
