/// A name from outside, fit to be part of a kind: bounded, and on one line.
func kindName(_ name: String) -> String {
  // Nearly all names are plain already.
  if name.utf8.count <= 64, name.utf8.allSatisfy({ $0 == 0x5F || (0x61...0x7A).contains($0) }) { return name }
  return String(
    name.unicodeScalars.prefix(64).map { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_-.".unicodeScalars.contains(scalar)
        ? Character(scalar) : "_"
    }
  )
}
