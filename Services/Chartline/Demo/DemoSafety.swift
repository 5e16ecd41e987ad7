internal import Contracts

/// What the demo's medicines are checked by: a sample that shows how checks look, and not for care.
enum DemoSafety {
    static var command: LoadSafetyTable {
        LoadSafetyTable(version: "sample 1", isSample: true, groups: groups, interactions: interactions, key: .v7())
    }

    private static func group(_ name: String, _ words: String...) -> LoadSafetyTable.Group {
        LoadSafetyTable.Group(name: name, codes: [], words: words)
    }

    private static let groups = [
        group("penicillins", "penicillin", "amoxicillin", "ampicillin", "dicloxacillin"), group("sulfonamides", "sulfa", "sulfamethoxazole"),
        group("NSAIDs", "ibuprofen", "naproxen", "diclofenac", "aspirin"), group("anticoagulants", "apixaban", "warfarin", "rivaroxaban"),
        group("ACE inhibitors", "lisinopril", "enalapril", "ramipril"), group("potassium", "potassium chloride", "spironolactone"),
        group("statins", "atorvastatin", "simvastatin", "rosuvastatin"), group("macrolides", "clarithromycin", "erythromycin"),
        group("SSRIs", "sertraline", "fluoxetine", "citalopram"), group("triptans", "sumatriptan", "rizatriptan"),
        group("metformin", "metformin"), group("levothyroxine", "levothyroxine"), group("proton pump inhibitors", "omeprazole", "pantoprazole"),
        group("albuterol", "albuterol"), group("loop diuretics", "furosemide", "torsemide"), group("acetaminophen", "acetaminophen"),
    ]

    private static func interaction(_ one: String, _ other: String, _ english: String, _ spanish: String) -> LoadSafetyTable.Interaction {
        LoadSafetyTable.Interaction(one: one, other: other, text: ["en": english, "es": spanish])
    }

    private static let interactions = [
        interaction("NSAIDs", "anticoagulants", "More bleeding", "Más sangrado"),
        interaction("NSAIDs", "ACE inhibitors", "Kidneys may suffer; blood pressure may rise", "Puede dañar los riñones y subir la presión"),
        interaction("ACE inhibitors", "potassium", "Potassium may rise", "Puede subir el potasio"),
        interaction("statins", "macrolides", "Muscle damage is more likely", "Mayor riesgo de daño muscular"),
        interaction("SSRIs", "triptans", "Serotonin syndrome is possible", "Posible síndrome serotoninérgico"),
        interaction("SSRIs", "NSAIDs", "More bleeding", "Más sangrado"),
    ]
}
