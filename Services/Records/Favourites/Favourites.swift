internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Of phrases, and of orders.
    static let favouritesAtMost = 40

    /// What somebody keeps for their own work: nobody else sees it.
    func answerFavourites(_ service: Registry) {
        let writers = Rule.staff(.clinician, .nurse, of: .nobody)
        service.answer(ReadPhrases.self, to: writers, with: readPhrases)
        service.answer(KeepPhrase.self, to: writers, with: keepPhrase)
        service.answer(DropPhrase.self, to: writers, with: dropPhrase)
        let clinicians = Rule.staff(.clinician, of: .nobody)
        service.answer(ReadFavouriteOrders.self, to: clinicians, with: readFavouriteOrders)
        service.answer(KeepFavouriteOrder.self, to: clinicians, with: keepFavouriteOrder)
        service.answer(DropFavouriteOrder.self, to: clinicians, with: dropFavouriteOrder)
    }

    func sealed(favourite: some Encodable, at place: Place) throws -> [UInt8] {
        try sealer.cipher(for: Sealer.nobody, making: true).seal(Array(try JSONEncoder().encode(favourite)), at: place)
    }

    func opened<Favourite: Decodable>(_ body: [UInt8], at place: Place, as type: Favourite.Type) throws -> Favourite {
        try JSONDecoder().decode(type, from: Data(try sealer.cipher(for: Sealer.nobody).open(body, at: place)))
    }
}
