package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

var sql = statements()

func statements() map[string]string {
	content, err := os.ReadFile(filepath.Join(os.Getenv("BENCH_CHECKOUT"), "Tests/Benchmarks/peers/statements.sql"))
	if err != nil {
		log.Fatal(err)
	}
	found := map[string]string{}
	parts := regexp.MustCompile(`-- name: (\w+)\n`).Split(string(content), -1)
	for index, name := range regexp.MustCompile(`-- name: (\w+)\n`).FindAllStringSubmatch(string(content), -1) {
		found[name[1]] = strings.TrimSpace(parts[index+1])
	}
	return found
}

func openPool(service string, size int) *pgxpool.Pool {
	config, err := pgxpool.ParseConfig(
		"host=127.0.0.1 port=" + os.Getenv("POSTGRES_PORT") + " user=" + service + " dbname=" + vhost +
			" sslmode=verify-full sslrootcert=" + filepath.Join(home, "tls/authority.pem"))
	if err != nil {
		log.Fatal(err)
	}
	config.ConnConfig.Password = secret("secrets/postgres-" + service)
	config.MinConns, config.MaxConns = int32(size), int32(size)
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	return pool
}

// A service with a pool of eight connections and a schema of its own.
type service struct {
	name     string
	pool     *pgxpool.Pool
	sealer   *sealer
	auditKey []byte
	signer   *signer
}

func runService(name string) {
	s := &service{name, openPool(name, 8), newSealer(name), secretBytes("secrets/audit-" + name), newSigner("identity")}
	answers := map[string]map[string]handler{
		"identity": {"identity.read-session.v1": s.readSession},
		"scheduling": {
			"scheduling.hold-appointment.v1": s.hold, "scheduling.book-appointment.v1": s.book},
		"records": {"records.read-chart.v1": s.readChart},
	}
	serve(name, answers[name])
}

func role(batch *pgx.Batch, service, kind string, patients []string) {
	batch.Queue(sql["role"], service+"_"+kind, strings.Join(append(append([]string{}, patients...), nobody), ","))
}

// Reads the answers to statements that return nothing of interest.
func skip(results pgx.BatchResults, count int) error {
	for ; count > 0; count-- {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}

func done(reply any) ([]byte, error) {
	content, err := json.Marshal(reply)
	return append([]byte{0}, content...), err
}

// MARK: identity

func (s *service) readSession(who *actor, payload []byte) (answer []byte, err error) {
	var message struct{ Handle string }
	if err := json.Unmarshal(payload, &message); err != nil {
		return nil, err
	}
	handle, err := base64.RawURLEncoding.DecodeString(message.Handle)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(handle)
	var session, account, username, roleName string
	var display, practitioner, patient, language *string
	var expires time.Time
	err = s.pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		role(batch, s.name, "worker", nil)
		batch.Queue(sql["audit"], auditEntry(s.auditKey, "identity.read-session.v1", who, []string{})...)
		batch.Queue(sql["session"], hash[:])
		results := tx.SendBatch(context.Background(), batch)
		defer results.Close()
		if err := skip(results, 2); err != nil {
			return err
		}
		return results.QueryRow().Scan(&session, &account, &username, &display, &roleName, &patient, &practitioner, &language, &expires)
	})
	if err == pgx.ErrNoRows {
		return done(map[string]any{})
	}
	if err != nil {
		return nil, err
	}
	lifetime := time.Until(expires)
	if lifetime > 300*time.Second {
		lifetime = 300 * time.Second
	}
	person := actor{"identity", roleName, account, session, []string{*patient}, "own-record"}
	return done(map[string]any{"session": map[string]any{
		"session": session, "account": account, "username": username, "displayName": display, "role": roleName, "patients": person.Patients,
		"language": language, "actorToken": s.signer.sign(person, lifetime), "expires": expires.UnixMilli()}})
}

// MARK: scheduling

type zoned struct {
	Instant int64  `json:"instant"`
	Local   string `json:"local"`
	Zone    string `json:"zone"`
}

type line struct {
	Appointment  string `json:"appointment"`
	Version      int    `json:"version"`
	Status       string `json:"status,omitempty"`
	Patient      string `json:"patient,omitempty"`
	Practitioner string `json:"practitioner,omitempty"`
	Location     string `json:"location,omitempty"`
	Service      string `json:"service,omitempty"`
	Start        zoned  `json:"start"`
	End          zoned  `json:"end"`
	HoldUntil    *int64 `json:"holdUntil,omitempty"`
}

func lines(rows pgx.Rows, err error) ([]line, error) {
	found := []line{}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one line
		var zone string
		var start, end time.Time
		var until *time.Time
		err := rows.Scan(&one.Appointment, &one.Version, &one.Status, &one.Patient, &one.Practitioner, &one.Location, &one.Service, &zone, &start,
			&one.Start.Local, &end, &one.End.Local, &until)
		if err != nil {
			return nil, err
		}
		one.Start.Instant, one.Start.Zone, one.End.Instant, one.End.Zone = start.UnixMilli(), zone, end.UnixMilli(), zone
		if until != nil {
			milliseconds := until.UnixMilli()
			one.HoldUntil = &milliseconds
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

type wanted struct {
	Appointment  string `json:"appointment"`
	Patient      string `json:"patient"`
	Practitioner string `json:"practitioner"`
	Location     string `json:"location"`
	Service      string `json:"service"`
	Start        int64  `json:"start"`
	Key          string `json:"key,omitempty"`
}

func (s *service) hold(who *actor, payload []byte) ([]byte, error) {
	return s.command(who, payload, "scheduling.hold-appointment.v1", "hold", func(told line) (string, any) {
		return "scheduling.appointment-held.v1", map[string]any{
			"appointment": told.Appointment, "version": told.Version, "patient": told.Patient, "until": told.HoldUntil}
	})
}

func (s *service) book(who *actor, payload []byte) ([]byte, error) {
	return s.command(who, payload, "scheduling.book-appointment.v1", "book", func(told line) (string, any) {
		return "scheduling.appointment-booked.v1", line{
			Appointment: told.Appointment, Version: told.Version, Patient: told.Patient, Practitioner: told.Practitioner, Location: told.Location,
			Service: told.Service, Start: told.Start, End: told.End}
	})
}

// What holding and booking share: locks, what has lapsed and the statement itself in one batch; event, stored answer and trail in another.
func (s *service) command(who *actor, payload []byte, action, statement string, event func(line) (string, any)) ([]byte, error) {
	var message wanted
	if err := json.Unmarshal(payload, &message); err != nil {
		return nil, err
	}
	if !who.owns(message.Patient) {
		return []byte{2}, nil
	}
	key := message.Key
	if key == "" {
		key = message.Appointment
	}
	start := time.UnixMilli(message.Start).UTC()
	var answer []byte
	err := s.pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		role(batch, s.name, "limited", who.Patients)
		batch.Queue(sql["lock_patient"], message.Patient)
		day := strconv.FormatInt(message.Start/86_400_000, 10)
		batch.Queue(sql["lock_day"], message.Practitioner+"/"+day)
		batch.Queue(sql["lock_place"], message.Location+"/"+day, message.Service)
		batch.Queue(sql["free_hold"], message.Patient)
		batch.Queue(sql["free_time"], message.Practitioner, start, message.Service)
		batch.Queue(sql["free_place"], message.Service, message.Location)
		batch.Queue(sql[statement], message.Appointment, message.Patient, message.Practitioner, message.Location, message.Service, start, who.Account)
		results := tx.SendBatch(context.Background(), batch)
		if err := skip(results, 7); err != nil {
			results.Close()
			return err
		}
		found, err := lines(results.Query())
		if closed := results.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
		if len(found) == 0 {
			answer = []byte("\x01{\"notOffered\":{\"alternatives\":[]}}")
			return errRefused
		}
		told := found[0]
		answer, err = done(line{Appointment: told.Appointment, Version: told.Version, Start: told.Start, End: told.End})
		if err != nil {
			return err
		}
		name, content := event(told)
		body, err := json.Marshal(content)
		if err != nil {
			return err
		}
		cipher, err := s.sealer.cipherOf(nobody)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(payload)
		batch = &pgx.Batch{}
		batch.Queue(sql["outbox"], uuid7(), name, body, traceparent())
		batch.Queue(sql["answered"], key, action, who.Account, digest[:], s.sealer.seal(cipher, answer, "answered/answer/"+strings.ToUpper(key)))
		batch.Queue(sql["audit"], auditEntry(s.auditKey, action, who, []string{message.Patient})...)
		results = tx.SendBatch(context.Background(), batch)
		err = skip(results, 3)
		if closed := results.Close(); err == nil {
			err = closed
		}
		return err
	})
	if err != nil && err != errRefused {
		return nil, err
	}
	return answer, nil
}

// MARK: records

type coding struct{ System, Code, Display string }
type concept struct {
	Coding []coding
	Text   string
}

func (c concept) display() string {
	if c.Text != "" || len(c.Coding) == 0 {
		return c.Text
	}
	return c.Coding[0].Display
}

func (c concept) code() string {
	if len(c.Coding) == 0 {
		return ""
	}
	return c.Coding[0].Code
}

type quantity struct {
	Value json.Number
	Unit  string
}

type resource struct {
	Status                                                     string
	Code, ClinicalStatus, VerificationStatus                   concept
	MedicationCodeableConcept, VaccineCode                     concept
	Category, Type, ReasonCode                                 []concept
	OnsetDateTime, RecordedDate, AbatementDateTime, AuthoredOn string
	OccurrenceDateTime, EffectiveDateTime, Criticality         string
	Reaction                                                   []struct{ Manifestation []concept }
	DosageInstruction                                          []struct{ Text string }
	Period                                                     struct{ Start, End string }
	ValueQuantity                                              *quantity
	ReferenceRange                                             []struct{ Low, High quantity }
}

type conditionLine struct {
	ID, Display, Code, ClinicalStatus, VerificationStatus, Onset, Abatement string
}
type allergyLine struct {
	ID, Substance, Criticality, ClinicalStatus, Recorded string
	Reactions                                            []string
}
type medicationLine struct{ ID, Name, Status, Dosage, AuthoredOn string }
type immunizationLine struct{ ID, Vaccine, Status, Date string }
type encounterLine struct{ ID, Display, Start, End, Reason, Status string }
type resultLine struct {
	ID, Code, Display, Status, Category, Effective, Unit string
	Value, Low, High                                     json.Number
}
type patientLine struct {
	ID, Name, Family, Given                 string
	BirthDate, Gender, MRN, Phone, Language *string
	Version                                 int
	Deceased                                bool
}
type chart struct {
	Patient        patientLine
	Conditions     []conditionLine
	Allergies      []allergyLine
	Medications    []medicationLine
	Immunizations  []immunizationLine
	Results        []resultLine
	Encounters     []encounterLine
	EncounterCount int64
	AsOf           int64
}

func first(concepts []concept) concept {
	if len(concepts) == 0 {
		return concept{}
	}
	return concepts[0]
}

func (c *chart) add(kind, id string, r *resource) {
	switch kind {
	case "Condition":
		onset := r.OnsetDateTime
		if onset == "" {
			onset = r.RecordedDate
		}
		c.Conditions = append(c.Conditions, conditionLine{
			id, r.Code.display(), r.Code.code(), r.ClinicalStatus.code(), r.VerificationStatus.code(), onset, r.AbatementDateTime})
	case "AllergyIntolerance":
		one := allergyLine{
			ID: id, Substance: r.Code.display(), Criticality: r.Criticality, ClinicalStatus: r.ClinicalStatus.code(), Recorded: r.RecordedDate}
		for _, reaction := range r.Reaction {
			for _, manifestation := range reaction.Manifestation {
				one.Reactions = append(one.Reactions, manifestation.display())
			}
		}
		c.Allergies = append(c.Allergies, one)
	case "MedicationRequest":
		one := medicationLine{ID: id, Name: r.MedicationCodeableConcept.display(), Status: r.Status, AuthoredOn: r.AuthoredOn}
		if len(r.DosageInstruction) > 0 {
			one.Dosage = r.DosageInstruction[0].Text
		}
		c.Medications = append(c.Medications, one)
	case "Immunization":
		c.Immunizations = append(c.Immunizations, immunizationLine{id, r.VaccineCode.display(), r.Status, r.OccurrenceDateTime})
	case "Encounter":
		c.Encounters = append(c.Encounters, encounterLine{
			id, first(r.Type).display(), r.Period.Start, r.Period.End, first(r.ReasonCode).display(), r.Status})
	default:
		one := resultLine{
			ID: id, Code: r.Code.code(), Display: r.Code.display(), Status: r.Status, Category: first(r.Category).code(),
			Effective: r.EffectiveDateTime}
		if r.ValueQuantity != nil {
			one.Value, one.Unit = r.ValueQuantity.Value, r.ValueQuantity.Unit
		}
		if len(r.ReferenceRange) > 0 {
			one.Low, one.High = r.ReferenceRange[0].Low.Value, r.ReferenceRange[0].High.Value
		}
		c.Results = append(c.Results, one)
	}
}

func (s *service) readChart(who *actor, payload []byte) ([]byte, error) {
	var message struct{ Patient string }
	if err := json.Unmarshal(payload, &message); err != nil {
		return nil, err
	}
	if !who.owns(message.Patient) {
		return []byte{2}, nil
	}
	type row struct {
		kind, id string
		body     []byte
	}
	var found []row
	view := chart{AsOf: time.Now().UnixMilli()}
	err := s.pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		role(batch, s.name, "limited", who.Patients)
		batch.Queue(sql["audit"], auditEntry(s.auditKey, "records.read-chart.v1", who, []string{message.Patient})...)
		batch.Queue(sql["patient"], message.Patient)
		batch.Queue(sql["chart"], message.Patient)
		results := tx.SendBatch(context.Background(), batch)
		defer results.Close()
		if err := skip(results, 2); err != nil {
			return err
		}
		p := &view.Patient
		err := results.QueryRow().Scan(&p.ID, &p.Version, &p.Name, &p.Family, &p.Given, &p.BirthDate, &p.Gender, &p.MRN, &p.Phone, &p.Language, &p.Deceased)
		if err != nil {
			return err
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one row
			if err := rows.Scan(&one.kind, &one.id, &one.body); err != nil {
				return err
			}
			found = append(found, one)
		}
		return rows.Err()
	})
	if err == pgx.ErrNoRows {
		return []byte("\x01\"notFound\""), nil
	}
	if err != nil {
		return nil, err
	}
	cipher, err := s.sealer.cipherOf(message.Patient)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if one.kind == "count" {
			for _, digit := range one.body {
				view.EncounterCount = view.EncounterCount<<8 | int64(digit)
			}
			continue
		}
		text, err := s.sealer.open(cipher, one.body, "resource/body/"+strings.ToUpper(one.id))
		if err != nil {
			return nil, err
		}
		var r resource
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, err
		}
		if r.Status != "entered-in-error" {
			view.add(one.kind, one.id, &r)
		}
	}
	view.sort()
	return done(view)
}
