/// The id of a message that came without one: made of what it says and where it stands, so that the same payload gives it again.
///
/// It tells messages apart, and is no seal: only the platform can sign a payload, and whoever wrote the message could not choose its place.
func madeID(of element: JSON, at place: String) -> String {
  let digits = String(fnv1a(element.text().utf8), radix: 16)
  return "made:" + String(repeating: "0", count: 32 - digits.count) + digits + ":" + place
}

/// The FNV-1a hash with 128 bits.
///
/// Source: the FNV hash's published constants.
func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt128 {
  let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B
  let start: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
  return bytes.reduce(start) { hash, byte in (hash ^ UInt128(byte)) &* prime }
}
