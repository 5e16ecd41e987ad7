internal import Crypto

/// What making an account takes.
struct Accounts: Sendable {
    let passwords: Passwords
    let throttle: Throttle
    let codes: OneTimeCodes
    let factors: SecondFactors
    /// A demo's accounts have passwords that stand in its documentation.
    let isDemo: Bool
}
