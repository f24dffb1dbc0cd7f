import Basics
import Diagnostics
import Testing
import Workflow

@Suite struct PlaceTests {
  private let text = """
    workflow: places
    steps:
      first:
        ingest: a.csv
      data:
        ingest:
          columns: { "größe": number, age: integer }
          source: "a.csv"
      bar:
        command:
          command: [one, two]
          env: { A: 'é ${secret:X}' }
    """

  @Test func everyKeyAndValueHasItsPlace() throws {
    let data = try #require(try Sample.document(text).step(named: "data"))
    func spot(_ place: Place) -> [Int?] { [place.line, place.column, place.length] }
    #expect(spot(data.place) == [5, 3, 4])
    #expect(spot(data.place()) == [6, 5, 6])
    #expect(spot(data.keyPlace(of: "source")) == [8, 7, 6])
    #expect(spot(data.place(of: "source")) == [8, 15, 7])
    #expect(spot(data.keyPlace(of: "columns", "größe")) == [7, 18, 7])
    #expect(spot(data.place(of: "columns", "age")) == [7, 40, 7])
    #expect(spot(data.place(of: "columns")) == [7, 16, 33])
    #expect(data.place(of: "source").excerpt == "      source: \"a.csv\"")
  }

  @Test func whatWasLeftOutIsPlacedAtTheNearestEnclosingValue() throws {
    let data = try #require(try Sample.document(text).step(named: "data"))
    #expect(data.place(of: "columns", "weight") == data.place(of: "columns"))
    #expect(data.place(of: "missing", "[3]") == data.place())
    let made = StepSpec(name: "a", kind: "b", settings: [:], place: Place(file: "x"))
    #expect(made.place(of: "any") == Place(file: "x"))
  }

  @Test func placesInsideATextCountCharacters() throws {
    let bar = try #require(try Sample.document(text).step(named: "bar"))
    let place = bar.place(of: "env", "A", within: 3..<12)
    #expect([place.line, place.column, place.length] == [12, 20, 9])
    let item = bar.place(of: "command", "[1]", within: 1..<3)
    #expect([item.line, item.column, item.length] == [11, 23, 2])
    // Beyond the text: the whole of it.
    #expect(bar.place(of: "command", "[1]", within: 1..<99) == bar.place(of: "command", "[1]"))
  }
}
