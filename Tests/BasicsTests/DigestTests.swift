import Basics
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4 examples.
  @Test func knownDigests() {
    #expect(Digest(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest(of: "").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func hexIsReadBack() {
    let digest = Digest(of: "x")
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: "ABC") == nil)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
  }

  @Test func timestampsAreReadBack() {
    #expect(Timestamp(milliseconds: 1_795_485_382_123).text == "2026-11-24T01:56:22.123Z")
    #expect(Timestamp(text: "2026-11-24T01:56:22.123Z")?.milliseconds == 1_795_485_382_123)
    #expect(CalendarDate(daysSinceEpoch: -1).text == "1969-12-31")
    #expect(CalendarDate(text: "2023-02-29") == nil)
  }
}
