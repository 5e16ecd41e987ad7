internal import Contracts
internal import MessageBus

/// What is told by a letter: each once, to who can look.
func hearLetters(_ service: Registry) {
    service.on(WaitlistOffered.self, "write-on-waitlist-offered", do: writeOnWaitlistOffered)
    service.on(ResultAmended.self, "write-on-result-amended", do: writeOnResultAmended)
    service.on(MessageSent.self, "write-on-message-sent", where: { !$0.isFromPatient }, do: writeOnMessageSent)
    // Who has no record here gets these by post.
    service.on(InvoiceIssued.self, "write-on-invoice-issued", where: { $0.byPost != true }, do: writeOnInvoiceIssued)
    service.on(StatementMade.self, "write-on-statement-made", where: { $0.byPost != true }, do: writeOnStatementMade)
    service.on(InstalmentNoticed.self, "write-on-instalment-noticed", where: { $0.byPost != true }, do: writeOnInstalmentNoticed)
}
