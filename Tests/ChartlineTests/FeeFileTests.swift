import Contracts
import Testing

@testable import Chartline

@Suite struct FeeFileTests {
    private static let header = "code,name_en,name_es,amount,currency,visit\n"

    @Test func aListIsReadAsItIsWritten() throws {
        let visit = "V20,\"Visit, 20 minutes\",\"La \"\"consulta\"\"\",16800,USD,office-visit\r\n"
        let text = "\u{FEFF}\(Self.header)\(visit)\nL01,Blood test,Análisis,5400,USD,\n"
        #expect(
            try FeeFile.read(text) == [
                Fee(code: "V20", name: ["en": "Visit, 20 minutes", "es": "La \"consulta\""], price: Money(16_800, "USD"), visit: "office-visit"),
                Fee(code: "L01", name: ["en": "Blood test", "es": "Análisis"], price: Money(5_400, "USD")),
            ])
    }

    @Test(arguments: [
        ("code,name\n", 1), (header + "V20,Visit,Visita,168.00,USD,\n", 2), (header + "V20,Visit,Visita,16800,USD\n", 2),
        (header + "V20,\"Visit,Visita,16800,USD,\n", 2),
    ]) func whatIsWrongIsNamedByItsLine(_ text: String, _ line: Int) {
        #expect { try FeeFile.read(text) } throws: { ($0 as? FeeFile.Wrong)?.line == line }
    }
}
