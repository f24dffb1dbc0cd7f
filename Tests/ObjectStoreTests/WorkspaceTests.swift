import Basics
import ObjectStore
import Testing

@Suite struct WorkspaceTests {
  @Test func nearestParentWithAStoreOrWorkflowsIsFound() throws {
    let test = try TestWorkspace()
    try Files.makeFolder(test.root + "/workflows")
    try Files.makeFolder(test.root + "/a/b")
    #expect(try Workspace.find(from: test.root + "/a/b") == test.workspace)
    try Files.makeFolder(test.root + "/a/.mlflowctl")
    #expect(try Workspace.find(from: test.root + "/a/b")?.root == test.root + "/a")
    #expect(try Workspace.find(from: test.root)?.root == test.root)
  }

  @Test func whereThereIsNoneNoneIsFound() throws {
    let test = try TestWorkspace()
    #expect(try Workspace.find(from: test.root) == nil)
    #expect(throws: FileError.self) { try Workspace.find(from: test.root + "/none") }
  }

  @Test func openingMakesTheFoldersAndKeepsThemOutOfVersionControl() throws {
    let test = try TestWorkspace()
    _ = try test.open()
    #expect(try Files.read(test.workspace.storeFolder + "/.gitignore") == Array("*\n".utf8))
    #expect(Files.exists(test.workspace.objectsFolder))
  }

  @Test func leftoversOfTheDeadAreSweptOnlyByWhoeverIsAlone() throws {
    let test = try TestWorkspace()
    try stageSomething(test)
    _ = try test.open()
    #expect(try test.staged().isEmpty)
  }

  private func stageSomething(_ test: TestWorkspace) throws {
    let first = try test.open()
    try Files.makeFolder(first.makeStagingPath() + "/deep")
    let second = try test.open()
    #expect(try test.staged().count == 1)
    withExtendedLifetime((first, second)) {}
  }
}
