internal import Access
internal import Contracts
internal import MessageBus

extension RecordStore {
    /// What is written to a record by hand, and read to write it: entries, encounters, notes, prescriptions.
    func answerWriting(_ service: Registry) {
        answerPrescribing(service)
        answerPatients(service)
        answerFiling(service)
        answerOrdering(service)
        answerAmending(service)
        answerTemplates(service)
        answerLicences(service)
        answerFavourites(service)
        answerPlaces(service)
        service.answer(ReadTimeline.self, to: .ownRecord || .careTeam, with: readTimeline)
        service.answer(ReadEntry.self, to: .ownRecord || .careTeam, with: readEntry)
        service.answer(KeepEntry.self, to: .careTeam, with: keepEntry, refusing: refusalOfWriting)
        service.answer(RetractEntry.self, to: .careTeam, with: retractEntry)
        service.answer(ReadEncounter.self, to: .ownRecord || .careTeam, with: readEncounter)
        service.answer(StartEncounter.self, to: .careTeam, with: startEncounter, refusing: refusalOfStarting)
        service.answer(KeepNoteDraft.self, to: .careTeam, with: keepNoteDraft)
        service.answer(SignNote.self, to: .staff(.clinician, of: .clinical), with: signNote)
        service.answer(AddendNote.self, to: .staff(.clinician, of: .clinical), with: addendNote)
        service.answer(RecordVitals.self, to: .careTeam, with: recordVitals)
        service.answer(ReadUnsignedNotes.self, to: .staff(.clinician, .nurse, of: .nobody)) { [facts = service.facts] query, actor, tx in
            try await readUnsignedNotes(query, actor, tx, facts)
        }
    }

    /// Medicines: checked, prescribed, renewed.
    private func answerPrescribing(_ service: Registry) {
        service.answer(LoadSafetyTable.self, to: .operators, with: loadSafetyTable)
        service.answer(CheckMedicine.self, to: .careTeam, with: checkMedicine)
        service.answer(Prescribe.self, to: .staff(.clinician, of: .clinical), with: prescribe, refusing: refusalOfPrescribing)
        service.answer(ChangePrescription.self, to: .staff(.clinician, of: .clinical), with: changePrescription)
        service.answer(ReadMedicines.self, to: .ownRecord || .careTeam, with: readMedicines)
        service.answer(RequestRenewal.self, to: .ownRecord, with: requestRenewal, refusing: refusalOfRequest)
        service.answer(DecideRenewal.self, to: .staff(.clinician, of: .clinical), with: decideRenewal, refusing: refusalOfDecision)
        service.answer(ReadRenewals.self, to: .staff(.clinician, .nurse, of: .nobody)) { [facts = service.facts] query, actor, tx in
            try await readRenewals(query, actor, tx, facts)
        }
    }

    /// What patients say themselves, take away, and look through.
    private func answerPatients(_ service: Registry) {
        service.answer(RecordHomeReading.self, to: .ownRecord, with: recordHomeReading, refusing: refusalOfReading)
        service.answer(ReadHomeReadings.self, to: .ownRecord, with: readHomeReadings)
        service.answer(ExportRecord.self, to: .ownWishes, with: exportRecord)
        service.answer(ReadReleaseChoice.self, to: .ownWishes, with: readReleaseChoice)
        service.answer(ChangeReleaseChoice.self, to: .ownWishes, with: changeReleaseChoice)
        service.answer(ReadNews.self, to: .ownRecord, with: readNews)
        service.answer(SeeNews.self, to: .ownRecord, with: seeNews)
    }

    /// What patients say is wrong.
    private func answerAmending(_ service: Registry) {
        service.answer(RequestAmendment.self, to: .ownWishes, with: requestAmendment, refusing: refusalOfAmendment)
        service.answer(ReadAmendments.self, to: .ownRecord || .careTeam, with: readAmendments)
        service.answer(DecideAmendment.self, to: .staff(.clinician, of: .clinical), with: decideAmendment)
        service.answer(ReadOpenAmendments.self, to: .staff(.clinician, .nurse, of: .nobody)) { [facts = service.facts] query, actor, tx in
            try await readOpenAmendments(query, actor, tx, facts)
        }
    }
}
