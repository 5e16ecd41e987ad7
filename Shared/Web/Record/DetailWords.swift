public import Contracts

extension DetailField {
    public func words(_ t: Wording) -> HTML {
        switch self {
        case .phone: t("detail.phone")
        case .address: t("detail.address")
        case .language: t("detail.language")
        case .email: t("detail.email")
        case .name: t("detail.name")
        case .birthDate: t("detail.birth-date")
        }
    }
}

extension Detail {
    /// What it says; a name, a number and an address are nobody's to translate.
    public func words(_ t: Wording) -> HTML {
        switch self {
        case .language(let tag, let also, let interpreter): t.languages(tag, also, interpreter: interpreter)
        case .birthDate(let day): Day(day).map { t.date($0, .long) } ?? HTML(text: day)
        case .phone, .address, .email: data(", ")
        case .name: data(" ")
        }
    }

    private func data(_ separator: String) -> HTML {
        "<span translate=\"no\">\(members.map(\.value).filter { !$0.isEmpty }.joined(separator: separator))</span>"
    }
}

extension Detail? {
    /// What is on file, or that there is nothing.
    public func words(_ t: Wording) -> HTML { map { $0.words(t) } ?? t("detail.nothing") }
}
