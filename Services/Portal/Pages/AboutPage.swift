import Web

/// What there is a short text about, of our own: the file `Education/Localizable` holds its name, what it is, what one can do, and when to get help.
enum EducationTopic: String, Sendable, CaseIterable {
    case hypertension, diabetes, cholesterol, asthma, reflux, thyroid, depression, osteoarthritis, migraine, eczema, bronchitis, sinusitis, insomnia
    case atrialFibrillation = "atrial-fibrillation"
    case kidneyDisease = "kidney-disease"
    case heartFailure = "heart-failure"
    case osteoporosis
    case hayFever = "hay-fever"
    case earInfection = "ear-infection"
    case strepThroat = "strep-throat"
    case urinaryInfection = "urinary-infection"
    case cholesterolTests = "cholesterol-tests"
    case a1c, glucose, potassium, hemoglobin, platelets, pulse, weight, temperature
    case kidneyTests = "kidney-tests"
    case whiteCells = "white-cells"
    case thyroidTest = "thyroid-test"
    case bloodPressure = "blood-pressure"

    /// By the code of a problem (SNOMED CT) or a test (LOINC); nil where we have no text.
    init?(code: String?) {
        guard let topic = code.flatMap({ Self.codes[$0] }) else { return nil }
        self = topic
    }

    static let codes: [String: EducationTopic] = [
        "38341003": .hypertension, "59621000": .hypertension, "44054006": .diabetes, "55822004": .cholesterol, "195967001": .asthma,
        "235595009": .reflux, "40930008": .thyroid, "35489007": .depression, "370143000": .depression, "396275006": .osteoarthritis,
        "49436004": .atrialFibrillation, "433144002": .kidneyDisease, "84114007": .heartFailure, "64859006": .osteoporosis, "37796009": .migraine,
        "367498001": .hayFever, "43116000": .eczema, "65363002": .earInfection, "43878008": .strepThroat, "10509002": .bronchitis,
        "444814009": .sinusitis, "68566005": .urinaryInfection, "193462001": .insomnia,
        "18262-6": .cholesterolTests, "2089-1": .cholesterolTests, "2085-9": .cholesterolTests, "2093-3": .cholesterolTests,
        "2571-8": .cholesterolTests, "4548-4": .a1c, "2339-0": .glucose, "15074-8": .glucose, "2345-7": .glucose, "38483-4": .kidneyTests,
        "2160-0": .kidneyTests, "33914-3": .kidneyTests, "6298-4": .potassium, "2823-3": .potassium, "718-7": .hemoglobin, "6690-2": .whiteCells,
        "777-3": .platelets, "3016-3": .thyroidTest, "85354-9": .bloodPressure, "55284-4": .bloodPressure, "8867-4": .pulse, "29463-7": .weight,
        "8310-5": .temperature,
    ]

    enum Part: String, CaseIterable { case name, what, care, help }

    func text(_ part: Part, _ t: Wording) -> HTML { t.text(named: "about.\(rawValue).\(part.rawValue)") }

    /// The way to it, from the place where the code stands. - Parameter name: what the page calls it there, for those who hear links alone.
    func link(_ name: String, _ t: Wording) -> HTML {
        "<a class=\"target\" href=\"/about/\(rawValue)\">\(t("about.link"))<span class=\"hide\">: \(name)</span></a>"
    }
}

/// `GET /about/{topic}`: a problem or a test in plain words.
func aboutPage(_ topic: EducationTopic, in frame: Frame) -> HTML {
    let t = frame.t
    let sections: [(id: String, title: HTML, part: EducationTopic.Part)] = [
        ("what", t("about.what"), .what), ("care", t("about.care"), .care), ("help", t("about.help"), .help),
    ]
    let name = topic.text(.name, t)
    return frame.page(title: name, """
        <div class="wrap-narrow stack"><p class="cluster"><a class="crumb" href="/record">\(t("record.title"))</a>\
        <a class="target" href="/results">\(t("results.title"))</a></p><h1>\(name)</h1>\
        \(each: sections, { section in
            """
            <section class="card stack-s" aria-labelledby="\(section.id)"><h2 id="\(section.id)">\(section.title)</h2>\
            <p>\(topic.text(section.part, t))</p></section>
            """
        })\
        <p class="plain">\(t("about.general"))\(frame.site.phone.map { " \(t("about.question", ["phone": $0]))" as HTML })</p></div>
        """)
}
