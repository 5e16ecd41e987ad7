/// The elements of FHIR R4 (4.0.1), for the data types and for the resources Chartline shows; other resources are checked by the
/// types in their element names alone.
///
/// One entry a structure: `Name = element… ;`. An element is `name:Type`, `name*:Type` if it repeats, `name[Type,…]` if the type is
/// part of its name (`valueQuantity`), with `!` in front if a resource without it is refused.
enum StructureTable {
    static let dataTypes = """
        Address = use:code type:code text:string line*:string city:string district:string state:string postalCode:string country:string
            period:Period ;
        Age = value:decimal comparator:code unit:string system:uri code:code ;
        Annotation = author[Reference,string] time:dateTime text:markdown ;
        Attachment = contentType:code language:code data:base64Binary url:url size:unsignedInt hash:base64Binary title:string creation:dateTime ;
        CodeableConcept = coding*:Coding text:string ;
        Coding = system:uri version:string code:code display:string userSelected:boolean ;
        ContactDetail = name:string telecom*:ContactPoint ;
        ContactPoint = system:code value:string use:code rank:positiveInt period:Period ;
        Count = value:decimal comparator:code unit:string system:uri code:code ;
        Distance = value:decimal comparator:code unit:string system:uri code:code ;
        Dosage = sequence:integer text:string additionalInstruction*:CodeableConcept patientInstruction:string timing:Timing
            asNeeded[boolean,CodeableConcept] site:CodeableConcept route:CodeableConcept method:CodeableConcept doseAndRate*:Dosage.doseAndRate
            maxDosePerPeriod:Ratio maxDosePerAdministration:Quantity maxDosePerLifetime:Quantity ;
        Dosage.doseAndRate = type:CodeableConcept dose[Range,Quantity] rate[Ratio,Range,Quantity] ;
        Duration = value:decimal comparator:code unit:string system:uri code:code ;
        Expression = description:string name:id language:code expression:string reference:uri ;
        HumanName = use:code text:string family:string given*:string prefix*:string suffix*:string period:Period ;
        Identifier = use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference ;
        Meta = versionId:id lastUpdated:instant source:uri profile*:canonical security*:Coding tag*:Coding ;
        Money = value:decimal currency:code ;
        Narrative = status:code div:xhtml ;
        Period = start:dateTime end:dateTime ;
        Quantity = value:decimal comparator:code unit:string system:uri code:code ;
        Range = low:Quantity high:Quantity ;
        Ratio = numerator:Quantity denominator:Quantity ;
        Reference = reference:string type:uri identifier:Identifier display:string ;
        RelatedArtifact = type:code label:string display:string citation:markdown url:url document:Attachment resource:canonical ;
        SampledData = origin:Quantity period:decimal factor:decimal lowerLimit:decimal upperLimit:decimal dimensions:positiveInt data:string ;
        Signature = type*:Coding when:instant who:Reference onBehalfOf:Reference targetFormat:code sigFormat:code data:base64Binary ;
        Timing = event*:dateTime repeat:Timing.repeat code:CodeableConcept ;
        Timing.repeat = bounds[Duration,Range,Period] count:positiveInt countMax:positiveInt duration:decimal durationMax:decimal
            durationUnit:code frequency:positiveInt frequencyMax:positiveInt period:decimal periodMax:decimal periodUnit:code dayOfWeek*:code
            timeOfDay*:time when*:code offset:unsignedInt ;
        UsageContext = code:Coding value[CodeableConcept,Quantity,Range,Reference] ;
        """

    static let resources = """
        Patient = identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint gender:code birthDate:date
            deceased[boolean,dateTime] address*:Address maritalStatus:CodeableConcept multipleBirth[boolean,integer] photo*:Attachment
            contact*:Patient.contact communication*:Patient.communication generalPractitioner*:Reference managingOrganization:Reference
            link*:Patient.link ;
        Patient.contact = relationship*:CodeableConcept name:HumanName telecom*:ContactPoint address:Address gender:code organization:Reference
            period:Period ;
        Patient.communication = language:CodeableConcept preferred:boolean ;
        Patient.link = other:Reference type:code ;
        Practitioner = identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint address*:Address gender:code birthDate:date
            photo*:Attachment qualification*:Practitioner.qualification communication*:CodeableConcept ;
        Practitioner.qualification = identifier*:Identifier code:CodeableConcept period:Period issuer:Reference ;
        PractitionerRole = identifier*:Identifier active:boolean period:Period practitioner:Reference organization:Reference code*:CodeableConcept
            specialty*:CodeableConcept location*:Reference healthcareService*:Reference telecom*:ContactPoint
            availableTime*:PractitionerRole.availableTime notAvailable*:PractitionerRole.notAvailable availabilityExceptions:string
            endpoint*:Reference ;
        PractitionerRole.availableTime = daysOfWeek*:code allDay:boolean availableStartTime:time availableEndTime:time ;
        PractitionerRole.notAvailable = description:string during:Period ;
        Organization = identifier*:Identifier active:boolean type*:CodeableConcept name:string alias*:string telecom*:ContactPoint
            address*:Address partOf:Reference contact*:Organization.contact endpoint*:Reference ;
        Organization.contact = purpose:CodeableConcept name:HumanName telecom*:ContactPoint address:Address ;
        Location = identifier*:Identifier status:code operationalStatus:Coding name:string alias*:string description:string mode:code
            type*:CodeableConcept telecom*:ContactPoint address:Address physicalType:CodeableConcept position:Location.position
            managingOrganization:Reference partOf:Reference hoursOfOperation*:Location.hoursOfOperation availabilityExceptions:string
            endpoint*:Reference ;
        Location.position = longitude:decimal latitude:decimal altitude:decimal ;
        Location.hoursOfOperation = daysOfWeek*:code allDay:boolean openingTime:time closingTime:time ;
        Encounter = identifier*:Identifier !status:code statusHistory*:Encounter.statusHistory !class:Coding classHistory*:Encounter.classHistory
            type*:CodeableConcept serviceType:CodeableConcept priority:CodeableConcept subject:Reference episodeOfCare*:Reference
            basedOn*:Reference participant*:Encounter.participant appointment*:Reference period:Period length:Duration reasonCode*:CodeableConcept
            reasonReference*:Reference diagnosis*:Encounter.diagnosis account*:Reference hospitalization:Encounter.hospitalization
            location*:Encounter.location serviceProvider:Reference partOf:Reference ;
        Encounter.statusHistory = status:code period:Period ;
        Encounter.classHistory = class:Coding period:Period ;
        Encounter.participant = type*:CodeableConcept period:Period individual:Reference ;
        Encounter.diagnosis = condition:Reference use:CodeableConcept rank:positiveInt ;
        Encounter.hospitalization = preAdmissionIdentifier:Identifier origin:Reference admitSource:CodeableConcept reAdmission:CodeableConcept
            dietPreference*:CodeableConcept specialCourtesy*:CodeableConcept specialArrangement*:CodeableConcept destination:Reference
            dischargeDisposition:CodeableConcept ;
        Encounter.location = location:Reference status:code physicalType:CodeableConcept period:Period ;
        Condition = identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept category*:CodeableConcept
            severity:CodeableConcept code:CodeableConcept bodySite*:CodeableConcept !subject:Reference encounter:Reference
            onset[dateTime,Age,Period,Range,string] abatement[dateTime,Age,Period,Range,string] recordedDate:dateTime recorder:Reference
            asserter:Reference stage*:Condition.stage evidence*:Condition.evidence note*:Annotation ;
        Condition.stage = summary:CodeableConcept assessment*:Reference type:CodeableConcept ;
        Condition.evidence = code*:CodeableConcept detail*:Reference ;
        AllergyIntolerance = identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept type:code category*:code
            criticality:code code:CodeableConcept !patient:Reference encounter:Reference onset[dateTime,Age,Period,Range,string]
            recordedDate:dateTime recorder:Reference asserter:Reference lastOccurrence:dateTime note*:Annotation
            reaction*:AllergyIntolerance.reaction ;
        AllergyIntolerance.reaction = substance:CodeableConcept manifestation*:CodeableConcept description:string onset:dateTime severity:code
            exposureRoute:CodeableConcept note*:Annotation ;
        MedicationRequest = identifier*:Identifier !status:code statusReason:CodeableConcept !intent:code category*:CodeableConcept priority:code
            doNotPerform:boolean reported[boolean,Reference] !medication[CodeableConcept,Reference] !subject:Reference encounter:Reference
            supportingInformation*:Reference authoredOn:dateTime requester:Reference performer:Reference performerType:CodeableConcept
            recorder:Reference reasonCode*:CodeableConcept reasonReference*:Reference instantiatesCanonical*:canonical instantiatesUri*:uri
            basedOn*:Reference groupIdentifier:Identifier courseOfTherapyType:CodeableConcept insurance*:Reference note*:Annotation
            dosageInstruction*:Dosage dispenseRequest:MedicationRequest.dispenseRequest substitution:MedicationRequest.substitution
            priorPrescription:Reference detectedIssue*:Reference eventHistory*:Reference ;
        MedicationRequest.dispenseRequest = initialFill:MedicationRequest.dispenseRequest.initialFill dispenseInterval:Duration
            validityPeriod:Period numberOfRepeatsAllowed:unsignedInt quantity:Quantity expectedSupplyDuration:Duration performer:Reference ;
        MedicationRequest.dispenseRequest.initialFill = quantity:Quantity duration:Duration ;
        MedicationRequest.substitution = allowed[boolean,CodeableConcept] reason:CodeableConcept ;
        MedicationStatement = identifier*:Identifier basedOn*:Reference partOf*:Reference !status:code statusReason*:CodeableConcept
            category:CodeableConcept !medication[CodeableConcept,Reference] !subject:Reference context:Reference effective[dateTime,Period]
            dateAsserted:dateTime informationSource:Reference derivedFrom*:Reference reasonCode*:CodeableConcept reasonReference*:Reference
            note*:Annotation dosage*:Dosage ;
        Medication = identifier*:Identifier code:CodeableConcept status:code manufacturer:Reference form:CodeableConcept amount:Ratio
            ingredient*:Medication.ingredient batch:Medication.batch ;
        Medication.ingredient = item[CodeableConcept,Reference] isActive:boolean strength:Ratio ;
        Medication.batch = lotNumber:string expirationDate:dateTime ;
        MedicationAdministration = identifier*:Identifier instantiates*:uri partOf*:Reference status:code statusReason*:CodeableConcept
            category:CodeableConcept medication[CodeableConcept,Reference] subject:Reference context:Reference supportingInformation*:Reference
            effective[dateTime,Period] performer*:MedicationAdministration.performer reasonCode*:CodeableConcept reasonReference*:Reference
            request:Reference device*:Reference note*:Annotation dosage:MedicationAdministration.dosage eventHistory*:Reference ;
        MedicationAdministration.performer = function:CodeableConcept actor:Reference ;
        MedicationAdministration.dosage = text:string site:CodeableConcept route:CodeableConcept method:CodeableConcept dose:Quantity
            rate[Ratio,Quantity] ;
        MedicationDispense = identifier*:Identifier partOf*:Reference status:code statusReason[CodeableConcept,Reference] category:CodeableConcept
            medication[CodeableConcept,Reference] subject:Reference context:Reference supportingInformation*:Reference
            performer*:MedicationDispense.performer location:Reference authorizingPrescription*:Reference type:CodeableConcept quantity:Quantity
            daysSupply:Quantity whenPrepared:dateTime whenHandedOver:dateTime destination:Reference receiver*:Reference note*:Annotation
            dosageInstruction*:Dosage substitution:MedicationDispense.substitution detectedIssue*:Reference eventHistory*:Reference ;
        MedicationDispense.performer = function:CodeableConcept actor:Reference ;
        MedicationDispense.substitution = wasSubstituted:boolean type:CodeableConcept reason*:CodeableConcept responsibleParty*:Reference ;
        Immunization = identifier*:Identifier !status:code statusReason:CodeableConcept !vaccineCode:CodeableConcept !patient:Reference
            encounter:Reference !occurrence[dateTime,string] recorded:dateTime primarySource:boolean reportOrigin:CodeableConcept
            location:Reference manufacturer:Reference lotNumber:string expirationDate:date site:CodeableConcept route:CodeableConcept
            doseQuantity:Quantity performer*:Immunization.performer note*:Annotation reasonCode*:CodeableConcept reasonReference*:Reference
            isSubpotent:boolean subpotentReason*:CodeableConcept education*:Immunization.education programEligibility*:CodeableConcept
            fundingSource:CodeableConcept reaction*:Immunization.reaction protocolApplied*:Immunization.protocolApplied ;
        Immunization.performer = function:CodeableConcept actor:Reference ;
        Immunization.education = documentType:string reference:uri publicationDate:dateTime presentationDate:dateTime ;
        Immunization.reaction = date:dateTime detail:Reference reported:boolean ;
        Immunization.protocolApplied = series:string authority:Reference targetDisease*:CodeableConcept doseNumber[positiveInt,string]
            seriesDoses[positiveInt,string] ;
        Observation = identifier*:Identifier basedOn*:Reference partOf*:Reference !status:code category*:CodeableConcept !code:CodeableConcept
            subject:Reference focus*:Reference encounter:Reference effective[dateTime,Period,Timing,instant] issued:instant performer*:Reference
            value[Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period] dataAbsentReason:CodeableConcept
            interpretation*:CodeableConcept note*:Annotation bodySite:CodeableConcept method:CodeableConcept specimen:Reference device:Reference
            referenceRange*:Observation.referenceRange hasMember*:Reference derivedFrom*:Reference component*:Observation.component ;
        Observation.referenceRange = low:Quantity high:Quantity type:CodeableConcept appliesTo*:CodeableConcept age:Range text:string ;
        Observation.component = code:CodeableConcept
            value[Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period] dataAbsentReason:CodeableConcept
            interpretation*:CodeableConcept referenceRange*:Observation.referenceRange ;
        DiagnosticReport = identifier*:Identifier basedOn*:Reference !status:code category*:CodeableConcept !code:CodeableConcept
            subject:Reference encounter:Reference effective[dateTime,Period] issued:instant performer*:Reference resultsInterpreter*:Reference
            specimen*:Reference result*:Reference imagingStudy*:Reference media*:DiagnosticReport.media conclusion:string
            conclusionCode*:CodeableConcept presentedForm*:Attachment ;
        DiagnosticReport.media = comment:string link:Reference ;
        Procedure = identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference partOf*:Reference !status:code
            statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept !subject:Reference encounter:Reference
            performed[dateTime,Period,string,Age,Range] recorder:Reference asserter:Reference performer*:Procedure.performer location:Reference
            reasonCode*:CodeableConcept reasonReference*:Reference bodySite*:CodeableConcept outcome:CodeableConcept report*:Reference
            complication*:CodeableConcept complicationDetail*:Reference followUp*:CodeableConcept note*:Annotation
            focalDevice*:Procedure.focalDevice usedReference*:Reference usedCode*:CodeableConcept ;
        Procedure.performer = function:CodeableConcept actor:Reference onBehalfOf:Reference ;
        Procedure.focalDevice = action:CodeableConcept manipulated:Reference ;
        CarePlan = identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference replaces*:Reference
            partOf*:Reference status:code intent:code category*:CodeableConcept title:string description:string subject:Reference
            encounter:Reference period:Period created:dateTime author:Reference contributor*:Reference careTeam*:Reference addresses*:Reference
            supportingInfo*:Reference goal*:Reference activity*:CarePlan.activity note*:Annotation ;
        CarePlan.activity = outcomeCodeableConcept*:CodeableConcept outcomeReference*:Reference progress*:Annotation reference:Reference
            detail:CarePlan.activity.detail ;
        CarePlan.activity.detail = kind:code instantiatesCanonical*:canonical instantiatesUri*:uri code:CodeableConcept
            reasonCode*:CodeableConcept reasonReference*:Reference goal*:Reference status:code statusReason:CodeableConcept doNotPerform:boolean
            scheduled[Timing,Period,string] location:Reference performer*:Reference product[CodeableConcept,Reference] dailyAmount:Quantity
            quantity:Quantity description:string ;
        CareTeam = identifier*:Identifier status:code category*:CodeableConcept name:string subject:Reference encounter:Reference period:Period
            participant*:CareTeam.participant reasonCode*:CodeableConcept reasonReference*:Reference managingOrganization*:Reference
            telecom*:ContactPoint note*:Annotation ;
        CareTeam.participant = role*:CodeableConcept member:Reference onBehalfOf:Reference period:Period ;
        Goal = identifier*:Identifier lifecycleStatus:code achievementStatus:CodeableConcept category*:CodeableConcept priority:CodeableConcept
            description:CodeableConcept subject:Reference start[date,CodeableConcept] target*:Goal.target statusDate:date statusReason:string
            expressedBy:Reference addresses*:Reference note*:Annotation outcomeCode*:CodeableConcept outcomeReference*:Reference ;
        Goal.target = measure:CodeableConcept detail[Quantity,Range,CodeableConcept,string,boolean,integer,Ratio] due[date,Duration] ;
        DocumentReference = masterIdentifier:Identifier identifier*:Identifier status:code docStatus:code type:CodeableConcept
            category*:CodeableConcept subject:Reference date:instant author*:Reference authenticator:Reference custodian:Reference
            relatesTo*:DocumentReference.relatesTo description:string securityLabel*:CodeableConcept content*:DocumentReference.content
            context:DocumentReference.context ;
        DocumentReference.relatesTo = code:code target:Reference ;
        DocumentReference.content = attachment:Attachment format:Coding ;
        DocumentReference.context = encounter*:Reference event*:CodeableConcept period:Period facilityType:CodeableConcept
            practiceSetting:CodeableConcept sourcePatientInfo:Reference related*:Reference ;
        Claim = identifier*:Identifier status:code type:CodeableConcept subType:CodeableConcept use:code patient:Reference billablePeriod:Period
            created:dateTime enterer:Reference insurer:Reference provider:Reference priority:CodeableConcept fundsReserve:CodeableConcept
            related*:Claim.related prescription:Reference originalPrescription:Reference payee:Claim.payee referral:Reference facility:Reference
            careTeam*:Claim.careTeam supportingInfo*:Claim.supportingInfo diagnosis*:Claim.diagnosis procedure*:Claim.procedure
            insurance*:Claim.insurance accident:Claim.accident item*:Claim.item total:Money ;
        Claim.related = claim:Reference relationship:CodeableConcept reference:Identifier ;
        Claim.payee = type:CodeableConcept party:Reference ;
        Claim.careTeam = sequence:positiveInt provider:Reference responsible:boolean role:CodeableConcept qualification:CodeableConcept ;
        Claim.supportingInfo = sequence:positiveInt category:CodeableConcept code:CodeableConcept timing[date,Period]
            value[boolean,string,Quantity,Attachment,Reference] reason:CodeableConcept ;
        Claim.diagnosis = sequence:positiveInt diagnosis[CodeableConcept,Reference] type*:CodeableConcept onAdmission:CodeableConcept
            packageCode:CodeableConcept ;
        Claim.procedure = sequence:positiveInt type*:CodeableConcept date:dateTime procedure[CodeableConcept,Reference] udi*:Reference ;
        Claim.insurance = sequence:positiveInt focal:boolean identifier:Identifier coverage:Reference businessArrangement:string
            preAuthRef*:string claimResponse:Reference ;
        Claim.accident = date:date type:CodeableConcept location[Address,Reference] ;
        Claim.item = sequence:positiveInt careTeamSequence*:positiveInt diagnosisSequence*:positiveInt procedureSequence*:positiveInt
            informationSequence*:positiveInt revenue:CodeableConcept category:CodeableConcept productOrService:CodeableConcept
            modifier*:CodeableConcept programCode*:CodeableConcept serviced[date,Period] location[CodeableConcept,Address,Reference]
            quantity:Quantity unitPrice:Money factor:decimal net:Money udi*:Reference bodySite:CodeableConcept subSite*:CodeableConcept
            encounter*:Reference detail*:Claim.item.detail ;
        Claim.item.detail = sequence:positiveInt revenue:CodeableConcept category:CodeableConcept productOrService:CodeableConcept
            modifier*:CodeableConcept programCode*:CodeableConcept quantity:Quantity unitPrice:Money factor:decimal net:Money udi*:Reference
            subDetail*:Claim.item.detail.subDetail ;
        Claim.item.detail.subDetail = sequence:positiveInt revenue:CodeableConcept category:CodeableConcept productOrService:CodeableConcept
            modifier*:CodeableConcept programCode*:CodeableConcept quantity:Quantity unitPrice:Money factor:decimal net:Money udi*:Reference ;
        ExplanationOfBenefit = identifier*:Identifier status:code type:CodeableConcept subType:CodeableConcept use:code patient:Reference
            billablePeriod:Period created:dateTime enterer:Reference insurer:Reference provider:Reference priority:CodeableConcept
            fundsReserveRequested:CodeableConcept fundsReserve:CodeableConcept related*:ExplanationOfBenefit.related prescription:Reference
            originalPrescription:Reference payee:ExplanationOfBenefit.payee referral:Reference facility:Reference claim:Reference
            claimResponse:Reference outcome:code disposition:string preAuthRef*:string preAuthRefPeriod*:Period
            careTeam*:ExplanationOfBenefit.careTeam supportingInfo*:ExplanationOfBenefit.supportingInfo diagnosis*:ExplanationOfBenefit.diagnosis
            procedure*:ExplanationOfBenefit.procedure precedence:positiveInt insurance*:ExplanationOfBenefit.insurance
            accident:ExplanationOfBenefit.accident item*:ExplanationOfBenefit.item addItem*:ExplanationOfBenefit.addItem
            adjudication*:ExplanationOfBenefit.item.adjudication total*:ExplanationOfBenefit.total payment:ExplanationOfBenefit.payment
            formCode:CodeableConcept form:Attachment processNote*:ExplanationOfBenefit.processNote benefitPeriod:Period
            benefitBalance*:ExplanationOfBenefit.benefitBalance ;
        ExplanationOfBenefit.related = claim:Reference relationship:CodeableConcept reference:Identifier ;
        ExplanationOfBenefit.payee = type:CodeableConcept party:Reference ;
        ExplanationOfBenefit.careTeam = sequence:positiveInt provider:Reference responsible:boolean role:CodeableConcept
            qualification:CodeableConcept ;
        ExplanationOfBenefit.supportingInfo = sequence:positiveInt category:CodeableConcept code:CodeableConcept timing[date,Period]
            value[boolean,string,Quantity,Attachment,Reference] reason:Coding ;
        ExplanationOfBenefit.diagnosis = sequence:positiveInt diagnosis[CodeableConcept,Reference] type*:CodeableConcept
            onAdmission:CodeableConcept packageCode:CodeableConcept ;
        ExplanationOfBenefit.procedure = sequence:positiveInt type*:CodeableConcept date:dateTime procedure[CodeableConcept,Reference]
            udi*:Reference ;
        ExplanationOfBenefit.insurance = focal:boolean coverage:Reference preAuthRef*:string ;
        ExplanationOfBenefit.accident = date:date type:CodeableConcept location[Address,Reference] ;
        ExplanationOfBenefit.item = sequence:positiveInt careTeamSequence*:positiveInt diagnosisSequence*:positiveInt
            procedureSequence*:positiveInt informationSequence*:positiveInt revenue:CodeableConcept category:CodeableConcept
            productOrService:CodeableConcept modifier*:CodeableConcept programCode*:CodeableConcept serviced[date,Period]
            location[CodeableConcept,Address,Reference] quantity:Quantity unitPrice:Money factor:decimal net:Money udi*:Reference
            bodySite:CodeableConcept subSite*:CodeableConcept encounter*:Reference noteNumber*:positiveInt
            adjudication*:ExplanationOfBenefit.item.adjudication detail*:ExplanationOfBenefit.item.detail ;
        ExplanationOfBenefit.item.adjudication = category:CodeableConcept reason:CodeableConcept amount:Money value:decimal ;
        ExplanationOfBenefit.item.detail = sequence:positiveInt revenue:CodeableConcept category:CodeableConcept productOrService:CodeableConcept
            modifier*:CodeableConcept programCode*:CodeableConcept quantity:Quantity unitPrice:Money factor:decimal net:Money udi*:Reference
            noteNumber*:positiveInt adjudication*:ExplanationOfBenefit.item.adjudication subDetail*:ExplanationOfBenefit.item.detail.subDetail ;
        ExplanationOfBenefit.item.detail.subDetail = sequence:positiveInt revenue:CodeableConcept category:CodeableConcept
            productOrService:CodeableConcept modifier*:CodeableConcept programCode*:CodeableConcept quantity:Quantity unitPrice:Money
            factor:decimal net:Money udi*:Reference noteNumber*:positiveInt adjudication*:ExplanationOfBenefit.item.adjudication ;
        ExplanationOfBenefit.addItem = itemSequence*:positiveInt detailSequence*:positiveInt subDetailSequence*:positiveInt provider*:Reference
            productOrService:CodeableConcept modifier*:CodeableConcept programCode*:CodeableConcept serviced[date,Period]
            location[CodeableConcept,Address,Reference] quantity:Quantity unitPrice:Money factor:decimal net:Money bodySite:CodeableConcept
            subSite*:CodeableConcept noteNumber*:positiveInt adjudication*:ExplanationOfBenefit.item.adjudication
            detail*:ExplanationOfBenefit.addItem.detail ;
        ExplanationOfBenefit.addItem.detail = productOrService:CodeableConcept modifier*:CodeableConcept quantity:Quantity unitPrice:Money
            factor:decimal net:Money noteNumber*:positiveInt adjudication*:ExplanationOfBenefit.item.adjudication
            subDetail*:ExplanationOfBenefit.addItem.detail.subDetail ;
        ExplanationOfBenefit.addItem.detail.subDetail = productOrService:CodeableConcept modifier*:CodeableConcept quantity:Quantity
            unitPrice:Money factor:decimal net:Money noteNumber*:positiveInt adjudication*:ExplanationOfBenefit.item.adjudication ;
        ExplanationOfBenefit.total = category:CodeableConcept amount:Money ;
        ExplanationOfBenefit.payment = type:CodeableConcept adjustment:Money adjustmentReason:CodeableConcept date:date amount:Money
            identifier:Identifier ;
        ExplanationOfBenefit.processNote = number:positiveInt type:code text:string language:CodeableConcept ;
        ExplanationOfBenefit.benefitBalance = category:CodeableConcept excluded:boolean name:string description:string network:CodeableConcept
            unit:CodeableConcept term:CodeableConcept financial*:ExplanationOfBenefit.benefitBalance.financial ;
        ExplanationOfBenefit.benefitBalance.financial = type:CodeableConcept allowed[unsignedInt,string,Money] used[unsignedInt,Money] ;
        Device = identifier*:Identifier definition:Reference udiCarrier*:Device.udiCarrier status:code statusReason*:CodeableConcept
            distinctIdentifier:string manufacturer:string manufactureDate:dateTime expirationDate:dateTime lotNumber:string serialNumber:string
            deviceName*:Device.deviceName modelNumber:string partNumber:string type:CodeableConcept specialization*:Device.specialization
            version*:Device.version property*:Device.property patient:Reference owner:Reference contact*:ContactPoint location:Reference url:uri
            note*:Annotation safety*:CodeableConcept parent:Reference ;
        Device.udiCarrier = deviceIdentifier:string issuer:uri jurisdiction:uri carrierAIDC:base64Binary carrierHRF:string entryType:code ;
        Device.deviceName = name:string type:code ;
        Device.specialization = systemType:CodeableConcept version:string ;
        Device.version = type:CodeableConcept component:Identifier value:string ;
        Device.property = type:CodeableConcept valueQuantity*:Quantity valueCode*:CodeableConcept ;
        DeviceDefinition = property*:DeviceDefinition.property ;
        DeviceDefinition.property = type:CodeableConcept valueQuantity*:Quantity valueCode*:CodeableConcept ;
        ImagingStudy = identifier*:Identifier status:code modality*:Coding subject:Reference encounter:Reference started:dateTime
            basedOn*:Reference referrer:Reference interpreter*:Reference endpoint*:Reference numberOfSeries:unsignedInt
            numberOfInstances:unsignedInt procedureReference:Reference procedureCode*:CodeableConcept location:Reference
            reasonCode*:CodeableConcept reasonReference*:Reference note*:Annotation description:string series*:ImagingStudy.series ;
        ImagingStudy.series = uid:id number:unsignedInt modality:Coding description:string numberOfInstances:unsignedInt endpoint*:Reference
            bodySite:Coding laterality:Coding specimen*:Reference started:dateTime performer*:ImagingStudy.series.performer
            instance*:ImagingStudy.series.instance ;
        ImagingStudy.series.performer = function:CodeableConcept actor:Reference ;
        ImagingStudy.series.instance = uid:id sopClass:Coding number:unsignedInt title:string ;
        Provenance = target*:Reference occurred[Period,dateTime] recorded:instant policy*:uri location:Reference reason*:CodeableConcept
            activity:CodeableConcept agent*:Provenance.agent entity*:Provenance.entity signature*:Signature ;
        Provenance.agent = type:CodeableConcept role*:CodeableConcept who:Reference onBehalfOf:Reference ;
        Provenance.entity = role:code what:Reference agent*:Provenance.agent ;
        Coverage = identifier*:Identifier status:code type:CodeableConcept policyHolder:Reference subscriber:Reference subscriberId:string
            beneficiary:Reference dependent:string relationship:CodeableConcept period:Period payor*:Reference class*:Coverage.class
            order:positiveInt network:string costToBeneficiary*:Coverage.costToBeneficiary subrogation:boolean contract*:Reference ;
        Coverage.class = type:CodeableConcept value:string name:string ;
        Coverage.costToBeneficiary = type:CodeableConcept value[Quantity,Money] exception*:Coverage.costToBeneficiary.exception ;
        Coverage.costToBeneficiary.exception = type:CodeableConcept period:Period ;
        ServiceRequest = identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference replaces*:Reference
            requisition:Identifier status:code intent:code category*:CodeableConcept priority:code doNotPerform:boolean code:CodeableConcept
            orderDetail*:CodeableConcept quantity[Quantity,Ratio,Range] subject:Reference encounter:Reference occurrence[dateTime,Period,Timing]
            asNeeded[boolean,CodeableConcept] authoredOn:dateTime requester:Reference performerType:CodeableConcept performer*:Reference
            locationCode*:CodeableConcept locationReference*:Reference reasonCode*:CodeableConcept reasonReference*:Reference insurance*:Reference
            supportingInfo*:Reference specimen*:Reference bodySite*:CodeableConcept note*:Annotation patientInstruction:string
            relevantHistory*:Reference ;
        FamilyMemberHistory = identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri status:code
            dataAbsentReason:CodeableConcept patient:Reference date:dateTime name:string relationship:CodeableConcept sex:CodeableConcept
            born[Period,date,string] age[Age,Range,string] estimatedAge:boolean deceased[boolean,Age,Range,date,string]
            reasonCode*:CodeableConcept reasonReference*:Reference note*:Annotation condition*:FamilyMemberHistory.condition ;
        FamilyMemberHistory.condition = code:CodeableConcept outcome:CodeableConcept contributedToDeath:boolean onset[Age,Range,Period,string]
            note*:Annotation ;
        Appointment = identifier*:Identifier !status:code cancelationReason:CodeableConcept serviceCategory*:CodeableConcept
            serviceType*:CodeableConcept specialty*:CodeableConcept appointmentType:CodeableConcept reasonCode*:CodeableConcept
            reasonReference*:Reference priority:unsignedInt description:string supportingInformation*:Reference start:instant end:instant
            minutesDuration:positiveInt slot*:Reference created:dateTime comment:string patientInstruction:string basedOn*:Reference
            !participant*:Appointment.participant requestedPeriod*:Period ;
        Appointment.participant = type*:CodeableConcept actor:Reference required:code status:code period:Period ;
        Slot = identifier*:Identifier serviceCategory*:CodeableConcept serviceType*:CodeableConcept specialty*:CodeableConcept
            appointmentType:CodeableConcept !schedule:Reference !status:code !start:instant !end:instant overbooked:boolean comment:string ;
        Schedule = identifier*:Identifier active:boolean serviceCategory*:CodeableConcept serviceType*:CodeableConcept specialty*:CodeableConcept
            !actor*:Reference planningHorizon:Period comment:string ;
        RelatedPerson = identifier*:Identifier active:boolean patient:Reference relationship*:CodeableConcept name*:HumanName
            telecom*:ContactPoint gender:code birthDate:date address*:Address photo*:Attachment period:Period
            communication*:RelatedPerson.communication ;
        RelatedPerson.communication = language:CodeableConcept preferred:boolean ;
        Specimen = identifier*:Identifier accessionIdentifier:Identifier status:code type:CodeableConcept subject:Reference receivedTime:dateTime
            parent*:Reference request*:Reference collection:Specimen.collection processing*:Specimen.processing container*:Specimen.container
            condition*:CodeableConcept note*:Annotation ;
        Specimen.collection = collector:Reference collected[dateTime,Period] duration:Duration quantity:Quantity method:CodeableConcept
            bodySite:CodeableConcept fastingStatus[CodeableConcept,Duration] ;
        Specimen.processing = description:string procedure:CodeableConcept additive*:Reference time[dateTime,Period] ;
        Specimen.container = identifier*:Identifier description:string type:CodeableConcept capacity:Quantity specimenQuantity:Quantity
            additive[CodeableConcept,Reference] ;
        Consent = identifier*:Identifier status:code scope:CodeableConcept category*:CodeableConcept patient:Reference dateTime:dateTime
            performer*:Reference organization*:Reference source[Attachment,Reference] policy*:Consent.policy policyRule:CodeableConcept
            verification*:Consent.verification provision:Consent.provision ;
        Consent.policy = authority:uri uri:uri ;
        Consent.verification = verified:boolean verifiedWith:Reference verificationDate:dateTime ;
        Consent.provision = type:code period:Period actor*:Consent.provision.actor action*:CodeableConcept securityLabel*:Coding purpose*:Coding
            class*:Coding code*:CodeableConcept dataPeriod:Period data*:Consent.provision.data provision*:Consent.provision ;
        Consent.provision.actor = role:CodeableConcept reference:Reference ;
        Consent.provision.data = meaning:code reference:Reference ;
        Communication = identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference partOf*:Reference
            inResponseTo*:Reference status:code statusReason:CodeableConcept category*:CodeableConcept priority:code medium*:CodeableConcept
            subject:Reference topic:CodeableConcept about*:Reference encounter:Reference sent:dateTime received:dateTime recipient*:Reference
            sender:Reference reasonCode*:CodeableConcept reasonReference*:Reference payload*:Communication.payload note*:Annotation ;
        Communication.payload = content[string,Attachment,Reference] ;
        QuestionnaireResponse = identifier:Identifier basedOn*:Reference partOf*:Reference questionnaire:canonical status:code subject:Reference
            encounter:Reference authored:dateTime author:Reference source:Reference item*:QuestionnaireResponse.item ;
        QuestionnaireResponse.item = linkId:string definition:uri text:string answer*:QuestionnaireResponse.item.answer
            item*:QuestionnaireResponse.item ;
        QuestionnaireResponse.item.answer = value[boolean,decimal,integer,date,dateTime,time,string,uri,Attachment,Coding,Quantity,Reference]
            item*:QuestionnaireResponse.item ;
        Task = identifier*:Identifier instantiatesCanonical:canonical instantiatesUri:uri basedOn*:Reference groupIdentifier:Identifier
            partOf*:Reference status:code statusReason:CodeableConcept businessStatus:CodeableConcept intent:code priority:code
            code:CodeableConcept description:string focus:Reference for:Reference encounter:Reference executionPeriod:Period authoredOn:dateTime
            lastModified:dateTime requester:Reference performerType*:CodeableConcept owner:Reference location:Reference reasonCode:CodeableConcept
            reasonReference:Reference insurance*:Reference note*:Annotation relevantHistory*:Reference restriction:Task.restriction
            input*:Task.input output*:Task.output ;
        Task.restriction = repetitions:positiveInt period:Period recipient*:Reference ;
        Task.input = type:CodeableConcept value[ANY] ;
        Task.output = type:CodeableConcept value[ANY] ;
        """
}
