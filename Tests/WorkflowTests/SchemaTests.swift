import Basics
import Testing
import Workflow

@Suite struct SchemaTests {
  @Test func schemaDescribesEverySetting() throws {
    let steps = try #require(workflowSchema(kinds: sampleKinds)["properties"]?["steps"]?["additionalProperties"])
    for kind in sampleKinds {
      let schema = try #require(steps["properties"]?[kind.name])
      #expect(schema["description"]?.stringValue == kind.summary)
      let record = schema["anyOf"]?.arrayValue?.first ?? schema
      for setting in kind.settings {
        #expect(record["properties"]?[setting.name]?["description"]?.stringValue == setting.summary)
      }
    }
  }
}
