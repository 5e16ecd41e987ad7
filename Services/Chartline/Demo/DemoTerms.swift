/// What the demo's patients have, take and are measured for.
enum DemoTerms {
    struct Problem {
        var code: DemoCode
        /// Ages at which it begins.
        var onset: ClosedRange<Int>
        /// Of a hundred people past the first of those ages.
        var percent: Int
        /// Gone after this many days; nil if it stays.
        var lasts: Int?
        var medication: Medication?
    }

    struct Medication {
        var code: DemoCode
        var dosage: String
        /// Times a day.
        var times: Int
        var dose: String
        var unit: String
        var asNeeded = false
    }

    struct Lab {
        var code: DemoCode
        var unit: String
        var ucum: String
        /// Middle and spread of a healthy adult's values.
        var middle: Double
        var spread: Double
        var decimals: Int
        var low: String?
        var high: String?
    }

    struct Vaccine {
        var code: DemoCode
        /// Days of age.
        var days: [Int]
    }

    static let hypertension = DemoCode.snomed("38341003", "Essential hypertension")
    static let diabetes = DemoCode.snomed("44054006", "Type 2 diabetes mellitus")
    static let hyperlipidemia = DemoCode.snomed("55822004", "Hyperlipidemia")
    static let asthma = DemoCode.snomed("195967001", "Asthma")

    static let problems: [Problem] = [
        Problem(code: hypertension, onset: 38...70, percent: 45, medication: lisinopril),
        Problem(code: diabetes, onset: 40...68, percent: 22, medication: metformin),
        Problem(code: hyperlipidemia, onset: 40...66, percent: 40, medication: atorvastatin),
        Problem(code: asthma, onset: 4...30, percent: 14, medication: albuterol),
        Problem(code: .snomed("235595009", "Gastroesophageal reflux disease"), onset: 30...60, percent: 18, medication: omeprazole),
        Problem(code: .snomed("40930008", "Hypothyroidism"), onset: 35...60, percent: 12, medication: levothyroxine),
        Problem(code: .snomed("35489007", "Depressive disorder"), onset: 18...50, percent: 14, medication: sertraline),
        Problem(code: .snomed("396275006", "Osteoarthritis"), onset: 55...75, percent: 40, medication: acetaminophen),
        Problem(code: .snomed("49436004", "Atrial fibrillation"), onset: 66...85, percent: 20, medication: apixaban),
        Problem(code: .snomed("433144002", "Chronic kidney disease stage 3"), onset: 66...85, percent: 20),
        Problem(code: .snomed("84114007", "Heart failure"), onset: 74...90, percent: 22, medication: furosemide),
        Problem(code: .snomed("64859006", "Osteoporosis"), onset: 62...80, percent: 18),
        Problem(code: .snomed("37796009", "Migraine"), onset: 14...40, percent: 12, medication: ibuprofen),
        Problem(code: .snomed("367498001", "Seasonal allergic rhinitis"), onset: 5...30, percent: 22, medication: cetirizine),
        Problem(code: .snomed("43116000", "Eczema"), onset: 0...8, percent: 18),
        Problem(code: .snomed("65363002", "Otitis media"), onset: 0...5, percent: 55, lasts: 12, medication: amoxicillin),
        Problem(code: .snomed("43878008", "Streptococcal sore throat"), onset: 4...14, percent: 35, lasts: 10),
        Problem(code: .snomed("10509002", "Acute bronchitis"), onset: 18...80, percent: 35, lasts: 16),
        Problem(code: .snomed("444814009", "Viral sinusitis"), onset: 12...70, percent: 35, lasts: 14),
        Problem(code: .snomed("68566005", "Urinary tract infection"), onset: 20...85, percent: 20, lasts: 9),
    ]

    static let insomnia = DemoCode.snomed("193462001", "Insomnia")

    static let lisinopril = Medication(
        code: .rxnorm("314076", "lisinopril 10 MG Oral Tablet"), dosage: "Take 1 tablet by mouth once a day, in the evening", times: 1, dose: "1",
        unit: "tablet")
    static let metformin = Medication(
        code: .rxnorm("861007", "metformin hydrochloride 500 MG Oral Tablet"), dosage: "Take 1 tablet by mouth twice a day with meals", times: 2,
        dose: "1", unit: "tablet")
    static let atorvastatin = Medication(
        code: .rxnorm("617310", "atorvastatin 20 MG Oral Tablet"), dosage: "Take 1 tablet by mouth once a day, in the evening", times: 1,
        dose: "1", unit: "tablet")
    static let albuterol = Medication(
        code: .rxnorm("745679", "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"), dosage: "Inhale 1 to 2 puffs every 4 hours if needed for wheezing",
        times: 6, dose: "1", unit: "puff", asNeeded: true)
    static let omeprazole = Medication(
        code: .rxnorm("198051", "omeprazole 20 MG Delayed Release Oral Capsule"), dosage: "Take 1 capsule by mouth once a day before breakfast",
        times: 1, dose: "1", unit: "capsule")
    static let levothyroxine = Medication(
        code: .rxnorm("892246", "levothyroxine sodium 0.1 MG Oral Tablet"),
        dosage: "Take half a tablet by mouth once a day, 30 minutes before breakfast", times: 1, dose: "0.5", unit: "tablet")
    static let sertraline = Medication(
        code: .rxnorm("312941", "sertraline 50 MG Oral Tablet"), dosage: "Take 1 tablet by mouth once a day", times: 1, dose: "1", unit: "tablet")
    static let acetaminophen = Medication(
        code: .rxnorm("313782", "acetaminophen 325 MG Oral Tablet"), dosage: "Take 2 tablets by mouth every 6 hours if needed for pain", times: 4,
        dose: "2", unit: "tablet", asNeeded: true)
    static let apixaban = Medication(
        code: .rxnorm("1364445", "apixaban 5 MG Oral Tablet"), dosage: "Take 1 tablet by mouth twice a day", times: 2, dose: "1", unit: "tablet")
    static let furosemide = Medication(
        code: .rxnorm("313988", "furosemide 40 MG Oral Tablet"), dosage: "Take 1 tablet by mouth once a day, in the morning", times: 1, dose: "1",
        unit: "tablet")
    static let ibuprofen = Medication(
        code: .rxnorm("197805", "ibuprofen 400 MG Oral Tablet"), dosage: "Take 1 tablet by mouth every 6 hours if needed, with food", times: 4,
        dose: "1", unit: "tablet", asNeeded: true)
    static let cetirizine = Medication(
        code: .rxnorm("1014678", "cetirizine hydrochloride 10 MG Oral Tablet"), dosage: "Take half a tablet by mouth once a day", times: 1,
        dose: "0.5", unit: "tablet")
    static let amoxicillin = Medication(
        code: .rxnorm("239191", "amoxicillin 50 MG/ML Oral Suspension"), dosage: "Take 7.5 mL by mouth twice a day for 10 days", times: 2,
        dose: "7.5", unit: "mL")
    static let zolpidem = Medication(
        code: .rxnorm("854873", "zolpidem tartrate 5 MG Oral Tablet"), dosage: "Take 1 tablet by mouth at bedtime if needed", times: 1, dose: "1",
        unit: "tablet", asNeeded: true)

    static let penicillin = DemoCode.snomed("91936005", "Allergy to penicillin")
    static let latex = DemoCode.snomed("300916003", "Latex allergy")
    static let noKnownAllergy = DemoCode.snomed("716186003", "No known allergy")

    static let allergies: [(code: DemoCode, category: String)] = [
        (penicillin, "medication"), (latex, "environment"), (.snomed("91935009", "Allergy to peanut"), "food"),
        (.snomed("91930004", "Allergy to egg"), "food"), (.snomed("300913006", "Allergy to shellfish"), "food"),
        (.snomed("424213003", "Allergy to bee venom"), "environment"), (.snomed("232350006", "House dust mite allergy"), "environment"),
    ]

    static let reactions: [DemoCode] = [
        .snomed("126485001", "Hives"), .snomed("271807003", "Rash"), .snomed("418290006", "Itching"), .snomed("56018004", "Wheezing"),
        .snomed("422587007", "Nausea"),
    ]
    static let anaphylaxis = DemoCode.snomed("39579001", "Anaphylaxis")

    static let ldl = Lab(
        code: .loinc("18262-6", "LDL cholesterol"), unit: "mg/dL", ucum: "mg/dL", middle: 118, spread: 14, decimals: 0, high: "130")
    static let hdl = Lab(code: .loinc("2085-9", "HDL cholesterol"), unit: "mg/dL", ucum: "mg/dL", middle: 52, spread: 6, decimals: 0, low: "40")
    static let totalCholesterol = Lab(
        code: .loinc("2093-3", "Total cholesterol"), unit: "mg/dL", ucum: "mg/dL", middle: 194, spread: 16, decimals: 0, high: "200")
    static let triglycerides = Lab(
        code: .loinc("2571-8", "Triglycerides"), unit: "mg/dL", ucum: "mg/dL", middle: 128, spread: 20, decimals: 0, high: "150")
    static let hemoglobinA1c = Lab(
        code: .loinc("4548-4", "Hemoglobin A1c"), unit: "%", ucum: "%", middle: 5.3, spread: 0.15, decimals: 1, low: "4.0", high: "5.6")
    static let glucose = Lab(
        code: .loinc("2339-0", "Glucose"), unit: "mg/dL", ucum: "mg/dL", middle: 92, spread: 6, decimals: 0, low: "70",
        high: "99")
    static let creatinine = Lab(
        code: .loinc("38483-4", "Creatinine"), unit: "mg/dL", ucum: "mg/dL", middle: 0.88, spread: 0.07, decimals: 2, low: "0.60", high: "1.10")
    static let filtration = Lab(
        code: .loinc("33914-3", "Glomerular filtration rate, estimated"), unit: "mL/min/{1.73_m2}", ucum: "mL/min/{1.73_m2}", middle: 92,
        spread: 5, decimals: 1, low: "60")
    static let potassium = Lab(
        code: .loinc("6298-4", "Potassium"), unit: "mmol/L", ucum: "mmol/L", middle: 4.3, spread: 0.2, decimals: 1, low: "3.5", high: "5.1")
    static let hemoglobin = Lab(
        code: .loinc("718-7", "Hemoglobin"), unit: "g/dL", ucum: "g/dL", middle: 13.9, spread: 0.6, decimals: 1, low: "12.0", high: "16.0")
    static let leukocytes = Lab(
        code: .loinc("6690-2", "White blood cells"), unit: "10*3/uL", ucum: "10*3/uL", middle: 6.9, spread: 0.9, decimals: 2)
    static let platelets = Lab(code: .loinc("777-3", "Platelets"), unit: "10*3/uL", ucum: "10*3/uL", middle: 248, spread: 25, decimals: 0)
    static let thyrotropin = Lab(
        code: .loinc("3016-3", "Thyroid stimulating hormone"), unit: "mIU/L", ucum: "m[IU]/L", middle: 2.1, spread: 0.5, decimals: 2, low: "0.40",
        high: "4.00")

    static let lipidPanel = DemoCode.loinc("57698-3", "Lipid panel")
    static let metabolicPanel = DemoCode.loinc("51990-0", "Basic metabolic panel")
    static let bloodCount = DemoCode.loinc("58410-2", "Complete blood count")

    /// A child's vaccines, after the schedule used in the United States.
    static let childhood: [Vaccine] = [
        Vaccine(code: .cvx("08", "Hepatitis B, adolescent or pediatric"), days: [1, 31, 184]),
        Vaccine(code: .cvx("119", "Rotavirus, monovalent"), days: [62, 123]),
        Vaccine(code: .cvx("20", "DTaP"), days: [62, 123, 184, 460, 1_560]),
        Vaccine(code: .cvx("49", "Hib (PRP-OMP)"), days: [62, 123, 380]),
        Vaccine(code: .cvx("133", "Pneumococcal conjugate, 13-valent"), days: [62, 123, 184, 380]),
        Vaccine(code: .cvx("10", "Poliovirus, inactivated"), days: [62, 123, 200, 1_560]),
        Vaccine(code: .cvx("03", "MMR"), days: [380, 1_560]),
        Vaccine(code: .cvx("21", "Varicella"), days: [380, 1_560]),
        Vaccine(code: .cvx("83", "Hepatitis A, pediatric, 2 dose"), days: [380, 580]),
        Vaccine(code: .cvx("115", "Tdap"), days: [4_040]),
        Vaccine(code: .cvx("165", "HPV, 9-valent"), days: [4_040, 4_240]),
        Vaccine(code: .cvx("114", "Meningococcal conjugate (MCV4P)"), days: [4_040, 5_880]),
    ]

    static let influenza = DemoCode.cvx("140", "Influenza, seasonal, injectable, preservative free")
    static let tdap = DemoCode.cvx("115", "Tdap")
    static let zoster = DemoCode.cvx("187", "Zoster, recombinant")
    static let pneumococcal = DemoCode.cvx("33", "Pneumococcal polysaccharide, 23-valent")
    static let covid = DemoCode.cvx("208", "COVID-19, mRNA, 30 mcg/0.3 mL")

    static let wellVisit = DemoCode.snomed("410620009", "Well child visit")
    static let checkUp = DemoCode.snomed("185349003", "Check-up")
    static let followUp = DemoCode.snomed("390906007", "Follow-up visit")
    static let acuteVisit = DemoCode.snomed("185345009", "Visit for symptom")

    static let procedures: [(code: DemoCode, from: Int)] = [
        (.snomed("29303009", "Electrocardiogram"), 45), (.snomed("73761001", "Colonoscopy"), 50), (.snomed("71651007", "Mammography"), 45),
        (.snomed("127783003", "Spirometry"), 12), (.snomed("252779009", "Eye examination of the retina"), 45),
    ]
}
