public import Contracts

extension Wording {
    /// What an entry of the books did to a line.
    public func ledgerKind(_ line: LedgerLine) -> HTML {
        switch line.kind {
        case "payment": self("ledger.payment")
        case "refund": self("ledger.refund")
        case "write-off": self("ledger.write-off")
        case "dispute-lost": self("ledger.dispute-lost")
        case "reversal": self("ledger.reversal")
        case "void": self("ledger.void")
        default: self("ledger.credit")
        }
    }

    /// Why something was taken off or given back.
    public func adjustmentReason(_ code: String) -> HTML {
        switch AdjustmentReason(rawValue: code) {
        case .courtesy, nil: self("ledger.courtesy")
        case .priceCorrected: self("ledger.price-corrected")
        case .notRendered: self("ledger.not-rendered")
        case .duplicate: self("ledger.duplicate")
        case .hardship: self("ledger.hardship")
        case .smallBalance: self("ledger.small-balance")
        case .uncollectible: self("ledger.uncollectible")
        }
    }

    /// What a patient says is wrong with a line.
    public func disputeReason(_ reason: DisputeReason) -> HTML {
        switch reason {
        case .notDone: self("dispute.not-done")
        case .alreadyPaid: self("dispute.already-paid")
        case .wrongPrice: self("dispute.wrong-price")
        case .notMine: self("dispute.not-mine")
        }
    }

    /// Why a payment failed, in words that say what to do.
    public func paymentFailure(_ code: String) -> HTML {
        switch code {
        case "insufficient-funds": self("payment.insufficient-funds")
        case "expired-card": self("payment.expired-card")
        case "authentication": self("payment.authentication")
        case "not-possible": self("payment.not-possible")
        default: self("payment.card-declined")
        }
    }

    public func paymentState(_ line: PaymentLine) -> HTML {
        switch line.state {
        case "captured" where line.dispute == "open": self("payment.state-disputed")
        case "captured" where line.dispute == "lost": self("payment.state-taken-back")
        case "captured" where line.refunded >= line.amount.amount: self("payment.state-refunded")
        case "captured" where line.refunded > 0: self("payment.state-partly-refunded")
        case "captured": self("payment.state-captured")
        case "failed": self("payment.state-failed")
        case "cancelled": self("payment.state-cancelled")
        case "processing": self("payment.state-processing")
        default: self("payment.state-open")
        }
    }

    public func paymentMethod(_ line: PaymentLine) -> HTML { line.method == "cash" ? self("payment.cash") : self("payment.card") }

    /// The books were proved, or do not hold.
    public func booksNote(_ books: BooksCheck?, in zone: Zone) -> HTML? {
        guard let books else { return nil }
        let when = dateAndTime(Moment(books.at, in: zone), .short)
        guard books.holds else { return Note(.bad, "<p>\(self("books.do-not-hold", ["time": when]))</p>").html }
        return "<p class=\"plain\">\(self("books.balance", ["time": when]))</p>"
    }

    /// A service in the reader's language.
    public func charged(_ line: ChargeLine) -> HTML {
        let name = line.name[language.tag] ?? line.name["en"] ?? line.code
        return line.quantity > 1 ? self("bill.times", ["count": line.quantity, "service": name]) : HTML(text: name)
    }
}
