import Contracts
import Foundation
import Testing
@testable import Notifications

@Suite struct WordsTests {
    @Test func bothLanguagesSayTheSameThings() throws {
        let catalogue = try Repository.catalogue()
        let shared = { (language: Language) in catalogue.keys(in: language).filter { !$0.hasPrefix("zone.city.") } }
        #expect(shared(.english) == shared(.spanish))
        for key in shared(.english) {
            #expect(
                places(try #require(catalogue.template(key, in: .english))) == places(try #require(catalogue.template(key, in: .spanish))), "\(key)")
        }
    }

    /// A locked screen shows subjects and text messages to anybody: nothing there may say what a visit is for or with whom.
    @Test func subjectsAndTextMessagesHoldNothingOfTheRecord() throws {
        let catalogue = try Repository.catalogue()
        let words = [
            "diagnos", "result", "test", "lab", "prescri", "medic", "drug", "doctor", "dr.", "nurse", "surgery", "oncolog", "cardiolog", "psych",
            "mental",
            "pregnan", "hiv", "cancer ", "condition", "treatment", "diagnós", "receta", "análisis", "embaraz", "enferm", "cirug", "tratamiento",
            "cáncer",
        ]
        for language in Language.allCases {
            for kind in Kind.allCases {
                for (key, allowed) in [
                    ("\(kind.rawValue).subject", ["date"]), ("\(kind.rawValue).sms", ["clinic", "when", "link"]),
                    ("notice.visit-not-cancelled.sms", ["clinic", "when", "phone"]),
                    ("notice.visit-not-cancelled.sms-no-phone", ["clinic", "when"]),
                    ("notice.message-waiting.sms", ["clinic", "link"]), ("reminder.several.subject", ["count", "date"]),
                    ("reminder.several.sms", ["clinic", "count", "date"]), ("reminder.several.sms-reply", ["clinic", "count", "date"]),
                    ("reminder.several.sms-visit", ["when", "link"]),
                ] {
                    let template = try #require(catalogue.template(key, in: language))
                    #expect(places(template).isSubset(of: Set(allowed)), "\(language) \(key)")
                    for word in words { #expect(!template.lowercased().contains(word), "\(language) \(key): \(word)") }
                }
            }
            // Of letters the subject says nothing that could differ from one person to the next.
            for key in catalogue.keys(in: language) where key.hasPrefix("letter.") && key.hasSuffix(".subject") {
                let template = try #require(catalogue.template(key, in: language))
                #expect(places(template).isEmpty, "\(language) \(key)")
                for word in words { #expect(!template.lowercased().contains(word), "\(language) \(key): \(word)") }
            }
            for key in catalogue.keys(in: language) {
                let known: Set<String> = [
                    "date", "clinic", "when", "link", "name", "place", "phone", "weekday", "day", "month", "hour", "minute", "clock", "zone", "city",
                    "code", "count",
                ]
                #expect(places(try #require(catalogue.template(key, in: language))).isSubset(of: known), "\(language) \(key)")
            }
        }
    }

    @Test func wordsAreShortPlainAndCalm() throws {
        let catalogue = try Repository.catalogue()
        for language in Language.allCases {
            for key in catalogue.keys(in: language) {
                let template = try #require(catalogue.template(key, in: language)).lowercased()
                for word in ["!", "¡", "please note", "oops", "click"] { #expect(!template.contains(word), "\(language) \(key)") }
                for sentence in template.split(whereSeparator: { ".?:".contains($0) }) {
                    #expect(sentence.split(separator: " ").count <= 16, "\(language) \(key)")
                }
            }
        }
    }

    /// What is written can be read after eight years of school: by Flesch and Kincaid in English, by Fernández Huerta in Spanish, whose 60 is that.
    @Test func everyMessageIsEasyToRead() throws {
        let catalogue = try Repository.catalogue()
        for language in Language.allCases {
            let messages = Dictionary(grouping: catalogue.keys(in: language).filter { key in
                key.hasPrefix("letter.") || Kind.allCases.contains { key.hasPrefix("\($0.rawValue).") }
            }) { key in key.hasSuffix(".sms") || key.hasSuffix(".sms-reply") ? key : key.split(separator: ".").dropLast().joined(separator: ".") }
            #expect(messages.count > 20)
            for (message, keys) in messages {
                let text = try keys.sorted().map { key in
                    try #require(catalogue.template(key, in: language)).replacing(/\{\w+\}/, with: "")
                }.joined(separator: ". ")
                let sentences = text.split { ".?:".contains($0) }.map { $0.split { !$0.isLetter && $0 != "-" } }.filter { !$0.isEmpty }
                let words = sentences.flatMap(\.self)
                let length = Double(words.count) / Double(max(1, sentences.count))
                let syllables = Double(words.map { self.syllables($0.lowercased(), language) }.reduce(0, +)) / Double(max(1, words.count))
                switch language {
                case .english: #expect(0.39 * length + 11.8 * syllables - 15.59 <= 8, "\(message): \(text)")
                case .spanish: #expect(206.84 - 60 * syllables - 1.02 * length >= 60, "\(message): \(text)")
                }
            }
        }
    }

    private func syllables(_ word: String, _ language: Language) -> Int {
        let vowels = language == .english ? "aeiouy" : "aeiouáéíóúü"
        var (count, wasVowel) = (0, false)
        for letter in word {
            // In Spanish two strong vowels, or a weak one with an accent, are two syllables.
            let isVowel = vowels.contains(letter)
            if isVowel, !wasVowel || language == .spanish && "íú".contains(letter) { count += 1 }
            wasVowel = isVowel
        }
        if language == .english, word.hasSuffix("e"), !word.hasSuffix("le"), count > 1 { count -= 1 }
        return max(1, count)
    }

    @Test(arguments: [
        ("2026-11-24T16:40:00Z", "America/Chicago", Language.english, "Tuesday 24 November, 10:40 am Chicago time"),
        ("2026-11-24T16:40:00Z", "America/Chicago", .spanish, "martes 24 de noviembre, 10:40 a. m., hora de Chicago"),
        ("2026-11-24T17:05:00Z", "America/New_York", .english, "Tuesday 24 November, 12:05 pm New York time"),
        ("2026-11-24T05:05:00Z", "America/New_York", .spanish, "martes 24 de noviembre, 12:05 a. m., hora de Nueva York"),
        ("2027-03-14T08:30:00Z", "America/Chicago", .english, "Sunday 14 March, 3:30 am Chicago time"),
    ])
    func timesCarryWeekdayDateAndZone(_ row: (String, String, Language, String)) throws {
        let time = try #require(VisitTime(ZonedTime(try date(row.0), in: try zone(row.1)), try Repository.catalogue(), row.2))
        #expect(time.when == row.3)
    }

    @Test func theLanguageIsThePatientsElseEnglish() {
        #expect(Language(tag: "es-MX") == .spanish)
        #expect(Language(tag: "ES") == .spanish)
        #expect(Language(tag: "fr") == .english)
        #expect(Language(tag: nil) == .english)
    }

    @Test func onlyTheBodyOfAnEmailGreetsByName() throws {
        let catalogue = try Repository.catalogue()
        let time = try #require(VisitTime(ZonedTime(try date("2026-11-24T16:40:00Z"), in: try zone("America/Chicago")), catalogue, .english))
        let wording = Wording(
            catalogue: catalogue, language: .english, clinic: ClinicWords(name: "Lakeside & Sons", place: "Main <Hall>", phone: nil),
            portal: "https://p.example")
        for kind in Kind.allCases {
            // A name that looks like a place of the template stays a name.
            let email = wording.email(kind, time, name: "{when}<b>")
            #expect(email.text.contains("Hello {when}<b>,"))
            #expect(email.html.contains("Hello {when}&lt;b&gt;,"))
            #expect(email.html.contains("<a href=\"https://p.example\">"))
            #expect(!email.html.contains("<Hall>"))
            #expect(!email.subject.contains("{") && !wording.sms(kind, time).contains("{"))
            #expect(wording.sms(kind, time).count <= 160)
            #expect(email.text.contains("Tuesday 24 November, 10:40 am Chicago time"))
        }
        #expect(
            wording.sms(.reminder, time)
                == "Lakeside & Sons: your visit is on Tuesday 24 November, 10:40 am Chicago time. You cannot come? Cancel here: https://p.example")
    }

    @Test func anEmailEndsInTheClinicsOwnWords() throws {
        let catalogue = try Repository.catalogue()
        for (language, own, other) in [(Language.english, "Take <care>.", "Cuídese."), (.spanish, "Cuídese.", "Take <care>.")] {
            let clinic = ClinicWords(name: "Lakeside", place: nil, phone: nil, closing: ["en": "Take <care>.", "es": "Cuídese."])
            let wording = Wording(catalogue: catalogue, language: language, clinic: clinic, portal: "https://p.example")
            let email = try #require(wording.letter("password-changed", code: nil, link: nil))
            #expect(email.text.contains("\n\n\(own)\n\nLakeside\n\n") && !email.text.contains(other))
            #expect(!email.html.contains("<care>"))
        }
    }

    private func places(_ template: String) -> Set<String> {
        Set(template.split(separator: "{", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0 != "}" }) })
    }
}
