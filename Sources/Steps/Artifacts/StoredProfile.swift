package import Basics
package import DataValidation
package import ObjectStore

extension Store {
  /// The profile that was made of a table while it was read; nil where there is none, or one of another version: then it is
  /// for the caller to make, and comes out the same.
  package func profile(ofTable table: Digest) throws -> TableProfile? {
    for digest in try companions(of: table, named: "profile") {
      // What was damaged or collected meanwhile can be made again.
      do {
        let json = try JSON(parsing: read(digest))
        if json["version"]?.intValue == TableProfile.version, let profile = TableProfile(json: json) { return profile }
      } catch is StoreError {
      } catch is JSONSyntaxError {}
    }
    return nil
  }

  /// The profile of the rows that a model was trained on; nil where it keeps none that can be read.
  func profile(ofModel model: Digest) throws -> TableProfile? {
    guard let entry = try tree(model).entries.first(where: { $0.path == "profile.json" }) else { return nil }
    return TableProfile(json: try readJSON(entry.digest))
  }
}
