internal import Access
internal import Contracts
public import Foundation

/// How messages are written: JSON, instants in milliseconds since 1970.
public enum Wire {
    /// A message that may be sent again: the same one is the same bytes, by which repeated keys are compared.
    public static func encode(_ value: some Encodable) throws -> [UInt8] { try encode(value, .sortedKeys) }

    /// What answers a message: compared with nothing.
    static func encode(answer: some Encodable) throws -> [UInt8] { try encode(answer, []) }

    private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .millisecondsSince1970
        encoder.outputFormatting = formatting
        return [UInt8](try encoder.encode(value))
    }

    public static func decode<T: Decodable>(_ type: T.Type, from bytes: some Collection<UInt8>) throws -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .millisecondsSince1970
        return try decoder.decode(type, from: Data(bytes))
    }

    /// The largest body, in bytes, of a request or a reply.
    public static let largestBody = 8 << 20
}

/// A request on its way: what travels in clear is what the broker needs, the rest is sealed.
struct RequestFrame {
    var token: ActorToken
    var payload: [UInt8]

    /// `[token length 2][token][payload]`
    var bytes: [UInt8] {
        let token = Array(token.text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 + token.count + payload.count)
        bytes.append(UInt8(truncatingIfNeeded: token.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: token.count))
        bytes += token
        bytes += payload
        return bytes
    }

    init(token: ActorToken, payload: [UInt8]) { (self.token, self.payload) = (token, payload) }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        guard bytes.count >= 2 + length else { return nil }
        token = ActorToken(String(decoding: bytes[2..<(2 + length)], as: UTF8.self))
        payload = Array(bytes[(2 + length)...])
    }
}

/// What a service answers: a status byte, then JSON where there is something to say.
enum Outcome: Sendable, Equatable {
    /// The reply's JSON.
    case done([UInt8])
    /// The refusal's JSON.
    case refused([UInt8])
    /// Not this asker's to know or do. The same whether the thing exists or not.
    case notAllowed
    /// The request itself is wrong; says what.
    case invalid(String)
    /// The same key came with another content.
    case keyReused
    /// Not now; the database or a dependency is away.
    case unavailable
    /// Too late: the deadline passed before it was begun or committed.
    case expired
    case failed
    /// What was asked for was destroyed then, on purpose.
    case destroyed(Date)

    var bytes: [UInt8] {
        switch self {
        case .done(let json): [0] + json
        case .refused(let json): [1] + json
        case .notAllowed: [2]
        case .invalid(let reason): [3] + Array(reason.utf8)
        case .keyReused: [4]
        case .unavailable: [5]
        case .expired: [6]
        case .failed: [7]
        case .destroyed(let date): [8] + Array(String(Int64(date.timeIntervalSince1970)).utf8)
        }
    }

    init?(_ bytes: [UInt8]) {
        guard let status = bytes.first else { return nil }
        let rest = Array(bytes.dropFirst())
        switch status {
        case 0: self = .done(rest)
        case 1: self = .refused(rest)
        case 2: self = .notAllowed
        case 3: self = .invalid(String(decoding: rest, as: UTF8.self))
        case 4: self = .keyReused
        case 5: self = .unavailable
        case 6: self = .expired
        case 7: self = .failed
        case 8: self = .destroyed(Date(timeIntervalSince1970: TimeInterval(String(decoding: rest, as: UTF8.self)) ?? 0))
        default: return nil
        }
    }

    func answer<R: Request>(to request: R.Type) throws(BusError) -> Answer<R> {
        do {
            switch self {
            case .done(let json): return .done(try Wire.decode(R.Reply.self, from: json))
            case .refused(let json): return .refused(try Wire.decode(R.Refusal.self, from: json))
            case .notAllowed: throw BusError.notAllowed
            case .invalid(let reason): throw BusError.invalid(reason)
            case .keyReused: throw BusError.keyReused
            case .unavailable: throw BusError.unavailable
            case .expired: throw BusError.timeout
            case .failed: throw BusError.failed
            case .destroyed(let date): throw BusError.destroyed(date)
            }
        } catch let error as BusError {
            throw error
        } catch { throw .failed }
    }
}

/// Why a request brought no answer.
public enum BusError: Error, Equatable, Sendable {
    /// The service, its database or the broker is away. Ask again later.
    case unavailable
    /// No answer before the deadline. The outcome of a command is unknown: ask again with the same key.
    case timeout
    /// Not this asker's to know or do; show what is shown for a thing that does not exist.
    case notAllowed
    /// The request is wrong; says what, in words for developers.
    case invalid(String)
    /// The key was used before with another content.
    case keyReused
    /// The service met an error of its own. Its log says which.
    case failed
    /// The record was destroyed then: nobody can read it.
    case destroyed(Date)
}
