/// How sensitive a resource is: the labels it came with, and those its codes ask for. Codes are HL7 v3 ActCodes.
public enum SensitivityLabels {
    /// - Returns: each label once, sorted.
    public static func of(_ resource: JSONNode) -> [String] {
        var labels = Set(resource["meta"]?.list("security").compactMap { $0.string("code") } ?? [])
        for name in ["code", "medicationCodeableConcept", "reasonCode", "vaccineCode", "type", "serviceType", "category"] {
            for coding in resource.list(name).flatMap({ $0.list("coding") }) {
                guard let code = coding.string("code") else { continue }
                switch coding.string("system") {
                case "http://snomed.info/sct": labels.formUnion(snomed[code].map { [$0] } ?? [])
                case "http://loinc.org": labels.formUnion(loinc[code].map { [$0] } ?? [])
                case "http://www.nlm.nih.gov/research/umls/rxnorm": labels.formUnion(rxnorm[code].map { [$0] } ?? [])
                case "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10": labels.formUnion(icd10(code).map { [$0] } ?? [])
                default: break
                }
            }
        }
        return labels.sorted()
    }

    private static let snomed: [String: String] = [
        "35489007": "BH", "370143000": "BH", "36923009": "BH", "48694002": "BH", "197480006": "BH", "21897009": "BH", "13746004": "BH",
        "58214004": "BH", "47505003": "BH", "72366004": "BH", "44376007": "BH", "74732009": "BH",
        "7200002": "SUD", "15167005": "SUD", "26416006": "SUD", "55680006": "SUD", "6525002": "SUD", "361055000": "SUD", "75544000": "SUD",
        "5602001": "SUD", "66590003": "SUD",
        "77386006": "SEX", "72892002": "SEX", "19169002": "SEX", "79586000": "SEX", "169553002": "SEX", "13385008": "SEX", "240589008": "SEX",
        "86406008": "HIV", "62479008": "HIV", "165816005": "HIV",
        "706893006": "SDV", "397940009": "SDV",
    ]
    /// Questionnaires and tests.
    private static let loinc: [String: String] = [
        "44249-1": "BH", "44261-6": "BH", "55757-9": "BH", "55758-7": "BH", "69737-5": "BH", "70274-6": "BH",
        "75626-2": "SUD", "82667-7": "SUD", "82666-9": "SUD", "2106-3": "SEX", "2118-8": "SEX", "7917-8": "HIV", "29893-5": "HIV", "76499-3": "SDV",
    ]
    private static let rxnorm: [String: String] = [
        "312941": "BH", "312940": "BH", "310384": "BH", "310385": "BH", "349332": "BH", "314200": "BH", "197363": "SUD", "351265": "SUD",
    ]

    private static func icd10(_ code: String) -> String? {
        let chapter = code.prefix(3)
        if code.hasPrefix("F1") { return "SUD" }
        if code.hasPrefix("F") { return "BH" }
        if chapter == "B20" || chapter == "Z21" { return "HIV" }
        if code.hasPrefix("O") || ["Z30", "Z31", "Z32", "Z33", "Z34"].contains(chapter) { return "SEX" }
        return chapter == "T74" || chapter == "T76" ? "SDV" : nil
    }
}
