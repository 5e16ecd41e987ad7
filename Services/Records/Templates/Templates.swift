internal import Access
internal import Contracts
internal import MessageBus

/// What notes begin with: administrators write it, whoever writes notes reads it.
func answerTemplates(_ service: Registry) {
    let writers = Rule.staff(.clinician, .nurse, .administrator, of: .nobody)
    let administrators = Rule.staff(.administrator, of: .nobody)
    service.answer(ReadNoteTemplates.self, to: writers, with: readNoteTemplates)
    service.answer(ReadNoteTemplate.self, to: writers, with: readNoteTemplate)
    service.answer(KeepNoteTemplate.self, to: administrators, with: keepNoteTemplate, refusing: refusalOfTemplate)
    service.answer(ReadNoteTemplateHistory.self, to: administrators, with: readNoteTemplateHistory)
}
