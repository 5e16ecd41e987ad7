internal import Contracts

/// What the demo's services cost. The codes are the demo's own.
enum DemoFees {
    static let all = [
        fee("V20", "Office visit, 20 minutes", "Consulta, 20 minutos", 16_800, visit: "office-visit"),
        fee("V40", "Yearly check-up", "Chequeo anual", 28_500, visit: "check-up"),
        fee("L01", "Blood test: lipid panel", "Análisis de sangre: perfil de lípidos", 5_400),
        fee("L02", "Drawing blood", "Extracción de sangre", 1_800),
        fee("I01", "Vaccine, given", "Vacuna, aplicada", 4_200),
    ]

    private static func fee(_ code: String, _ english: String, _ spanish: String, _ cents: Int, visit: String? = nil) -> Fee {
        Fee(code: code, name: ["en": english, "es": spanish], price: Money(cents, "USD"), visit: visit)
    }
}
