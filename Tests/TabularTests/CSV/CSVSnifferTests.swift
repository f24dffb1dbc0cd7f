import Testing

@testable import Tabular

@Suite struct CSVSnifferTests {
  /// What the sniffer takes a text for, as notes tell it; empty for the usual dialect with a header.
  private func remark(_ text: String, _ request: DialectRequest = DialectRequest()) -> String {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      let sniffer = CSVSniffer(bytes, request)
      let dialect = sniffer.dialect()
      return dialect.remark(hasHeader: sniffer.header(dialect, missing: []).isThere) ?? ""
    }
  }

  @Test(arguments: [
    ("", ""), ("a", ""), ("a,b\n1,2\n", ""), ("a;b\n1;2\n", "delimiter ';'"), ("a\tb\n1\t2\n", "delimiter tab"),
    ("a|b\n1|2\n", "delimiter '|'"),
    // Most records decide, then the number of cells.
    ("a;b\nx;y,z\np;q,r\n", "delimiter ';'"), ("a,b;c,d\n1,2;3,4\n", ""),
    ("a;b,c\nu;v,w\nx;y\np;q\n", "delimiter ';'"),
    // What stands in quotes structures nothing.
    ("a;b\n\"x,y\nz\";1\n", "delimiter ';'"), ("a,b\n'x,y',1\n", "quote '''"), ("a,b\nit's,1\nhe's,2\n", ""),
    ("a,b\n\"x \\\"y\\\"\",1\n", "escape '\\'"), ("a,b\nx\\y,1\n", ""),
    // Comments, or a header that begins with their mark.
    ("# x\na,b\n1,2\n", "comments '#'"), ("#a,b\n1,2\n", ""), ("a,b\n#1,2\n", ""),
    // Numbers.
    ("a;b\n1,5;x\n", "delimiter ';', decimal ','"), ("a;b\n1,234;x\n", "delimiter ';'"),
    ("a;b\n1.234,5;x\n", "delimiter ';', decimal ',', thousands '.'"),
    ("a;b\n1,234.5;x\n", "delimiter ';', thousands ','"), ("a;b\n1,234,567;x\n", "delimiter ';'"),
    // Groups take evidence: a fraction behind them, or numbers with more of them and fewer.
    ("a;b\n1,234,567;x\n12,345;y\n", "delimiter ';', thousands ','"),
    ("a;b\n192.168.100.101;1,5\n192.168.100.102;2,5\n", "delimiter ';', decimal ','"),
    ("a;b\n151.234.567;1,5\n151.234.568;2,5\n", "delimiter ';', decimal ','"),
    ("a;b\n1.234.567;x\n", "delimiter ';'"), ("a;b\n1,5;x\nn/a;y\n", "delimiter ';'"),
    ("a;b\n1.5;x\n", "delimiter ';'"),
    // Headers.
    ("1,2.5\n3,4.5\n", "no header"), ("1,2,3\n4,5,6\n", ""), ("2020,2021\n1,2\n", ""),
    ("2024-01-01,5\n2024-01-02,6\n", "no header"),
    // Some cells are enough, as long as no other is a name over values.
    ("x,1\ny,2\n", "no header"), ("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n", "no header"),
    ("1,2\n3,4\n5,6\n", "no header"), ("NA,1\n2,3\n4,5\n", "no header"), ("1,,2024-01-01\n,,2024-01-02\n", "no header"),
    ("age,1\n30,2\n40,3\n", ""), ("country,2019,2020\nDE,1.5,2\nFR,2,3\n", ""), (",0,1\n0,5,6\n1,7,8\n", ""),
    ("city,2020,2021\nx,2021,2022\ny,2022,2023\n", "no header"), ("1,x\n?,y\n2,w\n", "no header"),
    ("2020,2020\n1,2\n", "no header"), ("true,x\nfalse,y\n", ""),
  ])
  func textTellsItsDialect(text: String, expected: String) {
    #expect(remark(text) == expected, "\(text)")
  }

  @Test func whatIsGivenIsKept() {
    var request = DialectRequest()
    request.delimiter = UInt8(ascii: ":")
    request.header = false
    #expect(remark("a;b\n1;2\n", request) == "delimiter ':', no header")
    request = DialectRequest()
    request.quote = 0
    #expect(remark("a,b\n\"x,1\n", request) == "no quotes")
    #expect(remark("a,b,c;d\n\"x;y\n\"z;w\n", request) == "delimiter ';', no quotes")
    request = DialectRequest()
    request.decimal = UInt8(ascii: ".")
    #expect(remark("a;b\n1,5;x\n", request) == "delimiter ';'")
    request = DialectRequest()
    request.comment = UInt8(ascii: "%")
    #expect(remark("% x\na,b\n1,2\n", request) == "comments '%'")
  }

  /// A record that the sample cuts off says nothing.
  @Test func lastRecordMayBeCutOff() {
    #expect(remark("a;b;c\n1;2;3\n4;5") == "delimiter ';'")
    #expect(remark("a;b\n1;\"x\n") == "delimiter ';'")
  }
}
