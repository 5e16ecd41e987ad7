import Foundation
import Testing
import Web
@testable import Portal

/// Short texts about problems and tests.
@Suite struct EducationTests {
    private func texts(_ language: String) throws -> [String: String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Services/Portal/Education/Localizable/\(language).json")
        return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
    }

    @Test func everyTopicHasItsTextsAndEveryTextATopic() throws {
        let wanted = Set(EducationTopic.allCases.flatMap { topic in EducationTopic.Part.allCases.map { "about.\(topic.rawValue).\($0.rawValue)" } })
        for language in ["en", "es"] { #expect(try Set(texts(language).keys) == wanted) }
        #expect(Set(EducationTopic.codes.values) == Set(EducationTopic.allCases), "a topic that no code leads to")
    }

    /// The demo clinic's problems and tests, by the codes its histories have.
    @Test func theDemosProblemsAndTestsHaveOne() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let terms = try String(contentsOf: root.appending(path: "Services/Chartline/Demo/DemoTerms.swift"), encoding: .utf8)
        let problems = terms.matches(of: /Problem\(code: \.snomed\("([0-9]+)"/).map { String($0.1) }
        let tests = terms.matches(of: /static let [a-zA-Z0-9]+ = Lab\(\s+code: \.loinc\("([0-9-]+)"/).map { String($0.1) }
        #expect(problems.count > 10 && tests.count > 10)
        #expect((problems + tests).filter { EducationTopic(code: $0) == nil } == [])
        #expect(EducationTopic(code: "no-such-code") == nil && EducationTopic(code: nil) == nil)
    }

    /// Words, sentences and groups of vowels, which are near enough the syllables.
    private func counts(_ text: String, _ vowels: Set<Character>) -> (words: Double, sentences: Double, syllables: Double) {
        let words = text.split { !$0.isLetter && $0 != "'" }.map { $0.lowercased() }
        let sentences = text.split { ".!?:;".contains($0) }.filter { $0.contains(where: \.isLetter) }
        let syllables = words.map { word in max(1, word.split { !vowels.contains($0) }.count) }.reduce(0, +)
        return (Double(words.count), Double(max(1, sentences.count)), Double(syllables))
    }

    private func body(_ topic: EducationTopic, _ texts: [String: String]) -> String {
        ["what", "care", "help"].compactMap { texts["about.\(topic.rawValue).\($0)"] }.joined(separator: " ")
    }

    /// Flesch and Kincaid's grade in English, at most 8; Fernández Huerta's ease in Spanish, where 60 and more is what a child of twelve reads.
    @Test(arguments: EducationTopic.allCases) func aChildOfTwelveReadsIt(_ topic: EducationTopic) throws {
        let english = counts(body(topic, try texts("en")), Set("aeiouy"))
        let grade = 0.39 * english.words / english.sentences + 11.8 * english.syllables / english.words - 15.59
        #expect(grade <= 8, "\(topic) is of grade \(grade)")
        let spanish = counts(body(topic, try texts("es")), Set("aeiouáéíóúü"))
        let ease = 206.84 - 60 * spanish.syllables / spanish.words - 1.02 * spanish.words / spanish.sentences
        #expect(ease >= 60, "\(topic) is of ease \(ease)")
    }

    @Test func theScaleTellsHardFromEasy() {
        let hard = counts("Hypercholesterolemia necessitates pharmacological intervention alongside lifestyle modification.", Set("aeiouy"))
        #expect(0.39 * hard.words / hard.sentences + 11.8 * hard.syllables / hard.words - 15.59 > 16)
    }
}
