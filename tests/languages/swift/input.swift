import Foundation

/// A class's doc.
public class Stack<T>: Base, Named where T: Equatable {
    /// Makes one.
    ///
    /// - Parameter size: how many
    public required init?(size: Int) {
        super.init(size: size)
    }

    deinit {
        close()
    }

    /** Pushes. */
    @discardableResult
    public func push(_ item: T, at index: Int = 0) async throws -> Bool {
        func local() {}
        return try await items.append(item)
    }

    // Plain.
    static func build() -> Stack { Stack(size: 1) }

    static func == (a: Stack, b: Stack) -> Bool {
        return true
    }
}

extension Stack.Node where T: Named {
    mutating func link() {}
}

protocol Shape {
    /// The area.
    func area() -> Double
    init(size: Int)
}

enum Color {
    case red
    func code() -> String { "r" }
}

func generic<A: Named>(_ a: A) -> some View {
    a.view { $0.render() }
}

enum Units {
    case one(_: Int)

    /// Is nothing.
    func nothing(x: Int) -> Result<(), Never> {
        switch x {
        case 1:
            ()
        default:
            break
        }
        return .success(())
    }
}
