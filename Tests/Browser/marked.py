"""A record in which every text stands between ⟪ and ⟫, so that on a page it is told apart from what the page itself says."""

import datetime
import uuid

from conftest import a_name, care_team, import_patient

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def marked(text):
    return f"⟪{text}⟫"


def concept(system, code, text):
    return {"coding": [{"system": system, "code": code, "display": marked(text)}], "text": marked(text)}


def of_hl7(name, code):
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{name}", "code": code}]}


def day(ago):
    return (datetime.date.today() - datetime.timedelta(days=ago)).isoformat()


def moment(ago):
    return f"{day(ago)}T09:30:00-06:00"


def amount(value, unit):
    return {"value": value, "unit": marked(unit), "system": "http://unitsofmeasure.org", "code": unit}


def import_marked(folder):
    person = {"name": a_name(), "given": "Mara", "birth_date": "1961-03-14"}
    patient, wrong = f"urn:uuid:{uuid.uuid4()}", f"urn:uuid:{uuid.uuid4()}"
    subject = {"reference": patient}

    def result(code, name, ago, category="laboratory", url=None, **more):
        resource = {
            "resourceType": "Observation", "status": "final", "category": [of_hl7("observation-category", category)],
            "code": concept(LOINC, code, name), "subject": subject, "effectiveDateTime": moment(ago), "issued": moment(ago),
        } | more
        return resource | ({"url": url} if url else {})

    def ldl(value, ago, **more):
        limits = [{"high": amount(130, "mg/dL")}]
        return result("18262-6", "LDL cholesterol", ago, valueQuantity=amount(value, "mg/dL"), referenceRange=limits, **more)

    def pressure(upper, lower, ago):
        parts = [
            {"code": concept(LOINC, code, name), "valueQuantity": amount(value, "mm[Hg]")}
            for code, name, value in (("8480-6", "Systolic pressure", upper), ("8462-4", "Diastolic pressure", lower))
        ]
        return result("85354-9", "Blood pressure panel", ago, "vital-signs", component=parts)

    def at_home(upper, lower, ago):
        own = {"coding": [{"system": "urn:chartline:observation-category", "code": "patient-reported"}]}
        reading = pressure(upper, lower, ago)
        return reading | {"performer": [subject], "category": [*reading["category"], own]}

    def condition(code, name, state, **more):
        return {
            "resourceType": "Condition", "clinicalStatus": of_hl7("condition-clinical", state),
            "verificationStatus": of_hl7("condition-ver-status", "confirmed"), "code": concept(SNOMED, code, name), "subject": subject,
            "onsetDateTime": day(900),
        } | more

    def allergy(code, name, criticality, reaction=None):
        reactions = {"reaction": [{"manifestation": [concept(SNOMED, "247472004", reaction)]}]} if reaction else {}
        return {
            "resourceType": "AllergyIntolerance", "clinicalStatus": of_hl7("allergyintolerance-clinical", "active"), "patient": subject,
            "criticality": criticality, "code": concept(SNOMED, code, name),
        } | reactions

    def medicine(code, name, state, **more):
        return {
            "resourceType": "MedicationRequest", "status": state, "intent": "order", "subject": subject, "authoredOn": day(40),
            "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", code, name),
        } | more

    import_patient(folder, [
        {
            "resourceType": "Patient", "url": patient, "gender": "female", "birthDate": person["birth_date"],
            "name": [{"use": "official", "family": marked(person["name"]), "given": [marked(person["given"])]}],
            "identifier": [{"type": of_hl7("v2-0203", "MR"), "system": "https://marked.example.org/mrn", "value": marked(person["name"])}],
            "telecom": [{"system": "phone", "value": "+1 312 555 0142", "use": "mobile"}],
            "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True}],
        },
        care_team(patient),
        condition("59621000", "Essential hypertension with a long name that has to break on a phone", "active"),
        condition("233604007", "Pneumonia", "resolved", abatementDateTime=day(700)),
        allergy("91936005", "Penicillin", "high", "Weal"),
        allergy("300913006", "Shellfish", "low"),
        medicine("314076", "Lisinopril 10 MG Oral Tablet", "active", dosageInstruction=[{"text": marked("Take 1 tablet in the morning")}]),
        medicine("197361", "Amlodipine 5 MG Oral Tablet", "stopped"),
        {
            "resourceType": "Immunization", "status": "completed", "patient": subject, "occurrenceDateTime": day(60),
            "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "140", "Influenza, seasonal"),
        },
        ldl(128, 900), ldl(141, 500), ldl(162, 6, url=wrong),
        ldl(126, 6, status="corrected", extension=[
            {"url": "http://hl7.org/fhir/StructureDefinition/observation-replaces", "valueReference": {"reference": wrong}}]),
        pressure(142, 88, 400), pressure(136, 84, 180), pressure(131, 82, 21), at_home(128, 80, 5), at_home(129, 79, 4),
        result(
            "2823-3", "Potassium", 6, valueQuantity=amount(5.9, "mmol/L"),
            referenceRange=[{"low": amount(3.5, "mmol/L"), "high": amount(5.1, "mmol/L")}]),
        result("72166-2", "Smoking state", 21, "social-history", valueCodeableConcept=concept(SNOMED, "266919005", "Never smoked")),
        {
            "resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": subject,
            "type": [concept(SNOMED, "185349003", "Check up")], "period": {"start": moment(21), "end": moment(21)},
            "reasonCode": [concept(SNOMED, "38341003", "High blood pressure")],
        },
    ])
    return person
