public import Foundation

/// Words somebody often writes, under a short name.
public struct Phrase: Codable, Sendable, Equatable {
    /// 1 to 20 letters, digits and hyphens, in lower case: in a note a full stop before it stands for the text.
    public var name: String
    /// 1 to 1,000 characters.
    public var text: String

    public init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
}

/// Keeps a phrase for its writer alone; one of the same name is replaced.
public struct KeepPhrase: Command {
    public static let name = "records.keep-phrase.v1"
    public typealias Reply = Done
    public typealias Refusal = FavouriteRefusal

    public var phrase: Phrase
    public var key: UUID

    public init(phrase: Phrase, key: UUID) { (self.phrase, self.key) = (phrase, key) }
}

public enum FavouriteRefusal: Codable, Sendable, Equatable {
    case invalid(problems: [EntryProblem])
    /// There are 40 of them.
    case tooMany
}

/// Done, too, where there is none of this name.
public struct DropPhrase: Command {
    public static let name = "records.drop-phrase.v1"
    public typealias Reply = Done

    public var phrase: String
    public var key: UUID

    public init(phrase: String, key: UUID) { (self.phrase, self.key) = (phrase, key) }
}

/// One's own phrases.
public struct ReadPhrases: Query {
    public static let name = "records.read-phrases.v1"
    public typealias Reply = Phrases

    public init() {}
}

public struct Phrases: Codable, Sendable, Equatable {
    /// By name.
    public var phrases: [Phrase]

    public init(phrases: [Phrase]) { self.phrases = phrases }
}

/// An order somebody often places: what is ordered, and nothing of a patient.
public struct FavouriteOrder: Codable, Sendable, Equatable {
    /// Given when it is kept, anew each time.
    public var favourite: ID<FavouriteOrder>?
    public var kind: OrderKind
    public var what: CodedText
    public var priority: OrderPriority
    /// Days until its result is wanted, 0 to 365.
    public var days: Int

    public init(favourite: ID<FavouriteOrder>? = nil, kind: OrderKind, what: CodedText, priority: OrderPriority, days: Int) {
        (self.favourite, self.kind, self.what, self.priority, self.days) = (favourite, kind, what, priority, days)
    }
}

/// Keeps an order for its writer alone; one of the same kind and name is replaced.
public struct KeepFavouriteOrder: Command {
    public static let name = "records.keep-favourite-order.v1"
    public typealias Reply = Done
    public typealias Refusal = FavouriteRefusal

    public var order: FavouriteOrder
    public var key: UUID

    public init(order: FavouriteOrder, key: UUID) { (self.order, self.key) = (order, key) }
}

/// Done, too, where it is not there.
public struct DropFavouriteOrder: Command {
    public static let name = "records.drop-favourite-order.v1"
    public typealias Reply = Done

    public var favourite: ID<FavouriteOrder>
    public var key: UUID

    public init(favourite: ID<FavouriteOrder>, key: UUID) { (self.favourite, self.key) = (favourite, key) }
}

/// One's own favourite orders.
public struct ReadFavouriteOrders: Query {
    public static let name = "records.read-favourite-orders.v1"
    public typealias Reply = FavouriteOrders

    public init() {}
}

public struct FavouriteOrders: Codable, Sendable, Equatable {
    /// By kind and name.
    public var orders: [FavouriteOrder]

    public init(orders: [FavouriteOrder]) { self.orders = orders }
}
