/// Keeps a value that is mostly missing out of the record it belongs to, which is then as small as without it.
@propertyWrapper
package struct Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
  private var box: Box<Value>?

  package init(wrappedValue: Value?) { box = wrappedValue.map(Box.init) }

  package var wrappedValue: Value? {
    get { box?.value }
    set { box = newValue.map(Box.init) }
  }
}

/// A value in a place of its own; its copies share it.
indirect enum Box<Value: Hashable & Sendable>: Hashable, Sendable {
  case full(Value)

  init(_ value: Value) { self = .full(value) }

  var value: Value {
    switch self {
    case .full(let value): value
    }
  }
}
