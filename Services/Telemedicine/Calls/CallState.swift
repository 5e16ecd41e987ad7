internal import Contracts

/// What happens to a call.
enum CallStep: String, Sendable, CaseIterable {
    /// The patient goes to the waiting room.
    case enter
    /// The patient's last window closed before they were let in, and stayed closed.
    case leave
    case admit
    /// Both windows are there.
    case meet
    /// One of two is gone.
    case drop
    case end
    case cancel
    /// The visit was moved to another time.
    case move
    /// The patient was kept waiting, and waits no longer.
    case giveUp
    /// Its time is over.
    case expire
}

extension CallState {
    /// The whole of it. - Returns: nil where the step is not allowed.
    func after(_ step: CallStep) -> CallState? {
        switch (self, step) {
        case (.scheduled, .enter), (.waiting, .enter): .waiting
        case (.admitted, .enter), (.live, .enter), (.reconnecting, .enter): self
        case (.waiting, .admit): .admitted
        case (.admitted, .meet), (.reconnecting, .meet), (.live, .meet): .live
        case (.live, .drop), (.reconnecting, .drop): .reconnecting
        case (.admitted, .end), (.live, .end), (.reconnecting, .end), (.waiting, .end): .ended
        case (.scheduled, .cancel), (.waiting, .cancel), (.admitted, .cancel), (.live, .cancel), (.reconnecting, .cancel): .cancelled
        // Who speaks already goes on speaking.
        case (.scheduled, .move), (.waiting, .move): .scheduled
        case (.admitted, .move), (.live, .move), (.reconnecting, .move): self
        case (.waiting, .leave): .scheduled
        case (.waiting, .giveUp): .missedClinician
        case (.scheduled, .expire): .missedPatient
        case (.waiting, .expire): .missedClinician
        case (.admitted, .expire), (.live, .expire), (.reconnecting, .expire): .ended
        case (.scheduled, _), (.waiting, _), (.admitted, _), (.live, _), (.reconnecting, _): nil
        case (.ended, _), (.cancelled, _), (.missedPatient, _), (.missedClinician, _): nil
        }
    }
}
