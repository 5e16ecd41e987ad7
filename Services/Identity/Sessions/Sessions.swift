internal import Access
internal import Contracts
internal import Crypto
internal import Foundation

/// What signing in, and being signed in, takes.
struct Sessions: Sendable {
    let passwords: Passwords
    let throttle: Throttle
    let factors: SecondFactors
    let signer: ActorSigner
    /// By which proxies end.
    var clock: @Sendable () -> Date = { Date() }

    /// Whatever is done, a session ends after so many seconds.
    static let longest = 12.0 * 3_600

    /// So many seconds a sign-in may take from the password to its end: with a new second factor to set up, a while.
    static let longestUnfinished = 15.0 * 60

    /// Seconds without use that end a session: shorter where everybody's records are.
    static func idle(_ audience: Audience) -> Double {
        switch audience {
        case .portal: 30 * 60
        case .clinic: 15 * 60
        }
    }

    /// What the database knows a handle by.
    static func hash(of handle: Data) -> [UInt8] { Array(SHA256.hash(data: handle)) }
}
