import Glibc
import Tabular
import Testing

@Suite struct TimestampTextTests {
  /// Reference: `date -u -d TEXT +%s` of GNU coreutils for whole seconds; RFC 3339, sections 5.6 and 5.7.
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2024-01-31T12:00:00Z", 1_706_702_400_000_000),
    ("2024-02-29 23:59:59", 1_709_251_199_000_000), ("1969-12-31T23:59:59.999999Z", -1),
    ("2024-01-31T12:00", 1_706_702_400_000_000), ("2024-01-31t12:00z", 1_706_702_400_000_000),
    ("2024-01-31T12:00:00.5Z", 1_706_702_400_500_000), ("2024-01-31 12:00:00,000001", 1_706_702_400_000_001),
    ("2024-01-31T12:00:00.1234567891Z", 1_706_702_400_123_456), ("2024-01-31T14:00:00+02:00", 1_706_702_400_000_000),
    ("2024-01-31T06:30:00-0530", 1_706_702_400_000_000), ("2024-01-31 12:00:00+00", 1_706_702_400_000_000),
    ("2024-01-31T24:00:00Z", 1_706_745_600_000_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
    ("2017-01-01T05:29:60+05:30", 1_483_228_800_000_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
  ])
  func instantsAreRead(text: String, expected: Int64) {
    #expect(parseTimestamp(text) == expected)
  }

  @Test(arguments: [
    "", "2024-01-31", "2024-01-31T", "2024-01-31T12", "2024-01-31T12:0", "2023-02-29T12:00:00Z", "2024-13-01T12:00:00Z",
    "2024-01-31T25:00:00Z", "2024-01-31T24:00:01Z", "2024-01-31T12:60:00Z", "2024-01-31T12:00:61Z",
    "2024-01-31T12:00:60Z", "2024-01-31T12:00:00.Z", "2024-01-31T12:00:00ZZ", "2024-01-31T12:00:00+24:00",
    "2024-01-31T12:00:00+1:00", "2024-01-31T12:00:00+01:", "2024-01-31T12:00:00+01:60", "2024-01-31T12:00:00 UTC",
    "24-01-31T12:00:00Z", "2024/01/31 12:00", "2024-01-31_12:00", " 2024-01-31T12:00", "2024-01-31T12:00 ",
    "2024-01-31T1٢:00:00Z",
  ])
  func otherTextsAreNoInstants(text: String) {
    #expect(parseTimestamp(text) == nil)
  }

  @Test func fractionIsWrittenOnlyWhereThereIsOne() {
    #expect(timestampText(microseconds: 0) == "1970-01-01T00:00:00Z")
    #expect(timestampText(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
    #expect(timestampText(microseconds: 1_706_702_400_250_000) == "2024-01-31T12:00:00.25Z")
  }

  /// Reference: `gmtime_r` of the C library.
  @Test func everyInstantReadsBackAsItWasWritten() {
    var generator = TestGenerator(seed: 23)
    for _ in 0..<5000 {
      let micros = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator)
      let text = timestampText(microseconds: micros)
      #expect(parseTimestamp(text) == micros, "\(micros)")
      var seconds = time_t((Double(micros) / 1_000_000).rounded(.down))
      var parts = tm()
      gmtime_r(&seconds, &parts)
      let numbers = text.prefix(19).split { !$0.isNumber }.compactMap { Int32($0) }
      #expect(
        numbers == [
          parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        ], "\(micros)")
    }
    for micros in [Int64.min, .max] { #expect(timestampText(microseconds: micros).hasSuffix("Z")) }
  }
}
