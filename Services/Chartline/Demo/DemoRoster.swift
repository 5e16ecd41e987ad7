import Foundation

/// The demo's patients by name. Their histories come from the seed.
struct DemoPerson {
    var given: String
    var family: String
    /// FHIR code.
    var gender: String
    /// FHIR date, where the demo's pages depend on it; else born so that `age` is right.
    var born: String?
    var age: Int
    /// BCP 47.
    var language: String
    /// Died this many days before today.
    var diedDaysAgo: Int?

    init(
        _ given: String, _ family: String, _ gender: String, _ age: Int, _ language: String = "en", born: String? = nil, diedDaysAgo: Int? = nil
    ) {
        (self.given, self.family, self.gender, self.age, self.language) = (given, family, gender, age, language)
        (self.born, self.diedDaysAgo) = (born, diedDaysAgo)
    }

    /// `maria.alvarez`: letters of the first given name and the family name, without accents.
    var label: String {
        let first = given.split(separator: " ").first.map(String.init) ?? given
        return [first, family].map(Self.plain).joined(separator: ".")
    }

    private static func plain(_ name: String) -> String {
        let letters: [Character: String] = ["ø": "o", "ł": "l", "đ": "d", "ß": "ss"]
        return name.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars.compactMap { scalar -> String? in
            if let letter = letters[Character(scalar)] { return letter }
            if scalar == "-" || scalar == " " { return "-" }
            return scalar.isASCII && scalar.properties.isAlphabetic ? String(Character(scalar)) : nil
        }.joined()
    }
}

enum DemoRoster {
    static let people: [DemoPerson] = [
        DemoPerson("Maria", "Alvarez", "female", 65, born: "1961-03-14"),
        DemoPerson("Leo", "Alvarez", "male", 7, born: "2019-06-02"),
        DemoPerson("Marta", "Alvarez", "female", 63, "es"),
        DemoPerson("Peter", "Moss", "male", 58),
        DemoPerson("Rosa", "Díaz", "female", 34, "es"),
        DemoPerson("Joe", "Hart", "male", 71),
        DemoPerson("Ava", "Reed", "female", 6),
        DemoPerson("Omar", "Grant", "male", 41),
        DemoPerson("Amy", "Fox", "female", 29),
        DemoPerson("Elena", "Ruiz", "female", 52, "es"),
        DemoPerson("Ray", "Bell", "male", 77),
        DemoPerson("Max", "Ward", "male", 2),
        DemoPerson("Kofi", "Osei", "male", 46),
        DemoPerson("Sora", "Kim", "female", 31),
        DemoPerson("Wei", "Chen", "male", 39),
        DemoPerson("Uta", "Weber", "female", 67),
        DemoPerson("Chidi", "Abara", "male", 55),
        DemoPerson("Ira", "Shah", "male", 9),
        DemoPerson("Jana", "Novák", "female", 44),
        DemoPerson("Sara", "Khan", "female", 28),
        DemoPerson("Tom", "Hughes", "male", 62),
        DemoPerson("Lan", "Trần", "female", 59),
        DemoPerson("Tia", "Bose", "female", 4),
        DemoPerson("Iván", "López", "male", 48, "es"),
        DemoPerson("Ana Lucía", "Cruz", "female", 73, "es"),
        DemoPerson("Ben", "Lang", "male", 1),
        DemoPerson("José Ángel", "García-Núñez", "male", 50, "es"),
        DemoPerson("María del Carmen", "Peña-Ortiz", "female", 81, "es"),
        DemoPerson("Lucía", "Fernández-Ruiz", "female", 26, "es"),
        DemoPerson("Mateo", "Jiménez-Soto", "male", 12, "es"),
        DemoPerson("Siobhán", "O’Brien", "female", 47),
        DemoPerson("Łukasz", "Wójcik", "male", 36),
        DemoPerson("Zoë", "Young", "female", 15),
        DemoPerson("Anaïs", "Lefèvre-Martin", "female", 33),
        DemoPerson("Søren", "Dahl", "male", 69),
        DemoPerson("Nils", "Berg", "male", 3),
        DemoPerson("Beatriz", "Morales-Vega", "female", 0, "es"),
        DemoPerson("Eleanor", "Whitfield", "female", 94),
        DemoPerson("Walter", "Ames", "male", 91),
        DemoPerson("Ruth", "Goldberg", "female", 97),
        DemoPerson("Harold", "Finch", "male", 88, diedDaysAgo: 211),
        DemoPerson("Joana", "Silva", "female", 38),
        DemoPerson("Kenji", "Ito", "male", 43),
        DemoPerson("Noor", "Ali", "female", 21),
        DemoPerson("Anil", "Roy", "male", 64),
        DemoPerson("Aya", "Mori", "female", 57),
        DemoPerson("Ion", "Popa", "male", 53),
        DemoPerson("Lena", "Bauer", "female", 60),
        DemoPerson("Eli", "Nash", "male", 17),
        DemoPerson("Guadalupe", "Ramírez", "female", 70, "es"),
    ]
}
