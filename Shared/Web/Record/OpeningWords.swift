extension Wording {
    /// What somebody who had to do with a record is to the clinic.
    public func openingRole(_ code: String) -> HTML {
        switch code {
        case "patient": self("looked.role.patient")
        case "clinician": self("looked.role.clinician")
        case "nurse": self("looked.role.nurse")
        case "front-desk": self("looked.role.front-desk")
        case "billing-office": self("looked.role.billing-office")
        case "administrator": self("looked.role.administrator")
        case "operator": self("looked.role.operator")
        case "worker": self("looked.role.worker")
        case "anonymous": self("looked.role.anonymous")
        default: self("looked.role.other")
        }
    }

    /// What was asked for, by the message's wire name.
    public func openingAction(_ name: String) -> HTML {
        switch name.split(separator: ".").dropLast().joined(separator: ".") {
        case "records.read-chart": self("looked.what.chart")
        case "records.read-result-series": self("looked.what.results")
        case "records.record-home-reading", "records.read-home-readings": self("looked.what.reading")
        case "records.read-details", "records.change-demographics", "records.decide-demographics": self("looked.what.details")
        case "records.export-record": self("looked.what.export")
        case "records.request-amendment", "records.decide-amendment", "records.read-amendments": self("looked.what.amendment")
        case "records.read-patient-summaries", "records.find-patients": self("looked.what.name")
        case "records.read-contact": self("looked.what.contact")
        case "records.break-glass", "records.review-broken-glass": self("looked.what.glass")
        case "records.read-consent", "records.change-consent": self("looked.what.consent")
        case "records.import-bundle", "records.put-upload-part": self("looked.what.import")
        case "records.read-documents", "records.read-unreviewed-documents", "records.read-shared-documents": self("looked.what.documents")
        case "records.read-document-part": self("looked.what.document")
        case "records.put-document-part", "records.read-upload", "records.file-document": self("looked.what.filing")
        case "records.accept-document", "records.supersede-document", "records.retract-document": self("looked.what.document-state")
        case "records.share-document": self("looked.what.document-share")
        case "records.withdraw-document-share": self("looked.what.document-share-end")
        case "scheduling.read-appointments", "scheduling.read-appointment", "scheduling.read-day", "scheduling.read-calendar",
            "scheduling.read-waiting": self("looked.what.visits")
        case "scheduling.hold-appointment", "scheduling.book-appointment", "scheduling.cancel-appointment",
            "scheduling.respond-to-appointment", "scheduling.join-waiting-list", "scheduling.leave-waiting-list", "scheduling.take-offer",
            "scheduling.decline-offer", "scheduling.request-call", "scheduling.answer-waiting": self("looked.what.booking")
        case "identity.invite-to-portal", "identity.link-account-request": self("looked.what.invitation")
        case "identity.grant-proxy", "identity.withdraw-proxy", "identity.read-proxies": self("looked.what.proxies")
        case "identity.start-reset": self("looked.what.reset")
        case "notifications.read-notices", "notifications.close-unreached": self("looked.what.notices")
        case "notifications.read-preferences", "notifications.change-preferences": self("looked.what.preferences")
        case "messaging.ask-question", "messaging.write-message", "messaging.retract-message", "messaging.read-threads", "messaging.read-thread",
            "messaging.move-thread", "messaging.read-position": self("looked.what.thread")
        case "messaging.read-staff-messages", "messaging.write-staff-message": self("looked.what.among-staff")
        case "audit.read-accesses", "audit.read-trail", "audit.ask-about-access", "audit.answer-access-question": self("looked.what.trail")
        default: self("looked.what.other")
        }
    }

    /// Why, from the purpose and from what allowed it.
    public func openingReason(purpose: String, basis: String?) -> HTML {
        switch (basis, purpose) {
        case ("break-glass", _): self("looked.why.break-glass")
        case ("proxy", _): self("looked.why.proxy")
        case ("care-team", _): self("looked.why.care-team")
        case ("consent", _): self("looked.why.consent")
        case ("share", _): self("looked.why.share")
        case ("visit", _): self("looked.why.visit")
        case ("workplace", _): self("looked.why.workplace")
        case (_, "treatment"): self("looked.why.treatment")
        case (_, "own-record"): self("looked.why.own-record")
        case (_, "operations"): self("looked.why.operations")
        default: self("looked.why.other")
        }
    }

    /// When, without the zone: it stands in the heading.
    public func openingTime(_ date: HTML, _ clock: HTML) -> HTML { self("looked.time", ["date": date, "time": clock]) }

    /// How it ended; nothing where it went as it should.
    public func openingOutcome(_ code: String) -> Tag? {
        switch code {
        case "done": nil
        case "denied", "refused": Tag(.warn, self("looked.refused"))
        default: Tag(.warn, self("looked.failed"))
        }
    }

    /// Who it was: the name they had then, or what they are.
    public func openingPerson(name: String?, role: String) -> HTML {
        if let name { return "<span translate=\"no\">\(name)</span>" }
        return role == "worker" || role == "anonymous" ? self("looked.automatic") : self("looked.unnamed")
    }
}
