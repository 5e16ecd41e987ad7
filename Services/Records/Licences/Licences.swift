internal import Access
internal import Contracts
internal import MessageBus

/// Where those who see patients are licensed to: administrators say it.
func answerLicences(_ service: Registry) {
    let administrators = Rule.staff(.administrator, of: .nobody)
    service.answer(ReadLicences.self, to: administrators, with: readLicences)
    service.answer(KeepLicences.self, to: administrators, with: keepLicences, refusing: refusalOfLicences)
}
