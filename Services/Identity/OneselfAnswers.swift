internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension IdentityService {
    /// What people do with their own account while they are signed in, or as good as.
    static func answersAboutOneself(
        _ service: Registry, _ gateways: Rule, _ sessions: Sessions, _ factors: SecondFactors, _ drafts: Drafts
    ) {
        service.seals([
            SealedColumn("totp", "secret", row: "account", where: ofAccount), SealedColumn("draft", "body", where: ofAccount),
            SealedColumn.ofNobody("account_request", "body"),
        ])
        service.answer(Reauthenticate.self, to: gateways, preparing: sessions.reauthenticate)
        service.answer(ReadSecurity.self, to: gateways, with: readSecurity)
        service.answer(EndSessions.self, to: gateways, preparing: endSessions)
        service.answer(ForgetDevices.self, to: gateways, preparing: forgetDevices)
        service.answer(AddPasskey.self, to: gateways, preparing: addPasskey)
        service.answer(RemovePasskey.self, to: gateways, preparing: removePasskey)
        service.answer(ChangePassword.self, to: gateways, preparing: sessions.changePassword)
        service.answer(ReadEnrolment.self, to: gateways, with: factors.readEnrolment)
        service.answer(EnrolSecondFactor.self, to: gateways, preparing: factors.enrolSecondFactor)
        service.answer(RenewRecoveryCodes.self, to: gateways, preparing: factors.renewRecoveryCodes)
        service.answer(RemoveSecondFactor.self, to: gateways, preparing: factors.removeSecondFactor)
        service.answer(KeepDraft.self, to: gateways, preparing: drafts.keepDraft)
        service.answer(ReadDraft.self, to: gateways, with: drafts.readDraft)
    }

    /// Rows of accounts are sealed with the key of the account's patient, or with nobody's.
    private static func ofAccount(_ patient: UUID) -> SQL {
        "s.account IN (SELECT id FROM account WHERE patient IS NOT DISTINCT FROM \(patient == Sealer.nobody ? nil : patient))"
    }
}
